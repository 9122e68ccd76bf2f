// Runs the operations of the JavaScript original: each line of the input is {"work", "count"}.
// Usage: node original.cjs FOLDER ROWS, with loopback-datasource-juggler installed in FOLDER.
"use strict";

const {createRequire} = require("node:module");
const path = require("node:path");
const readline = require("node:readline");

const [, , folder, rows] = process.argv;
const {DataSource} = createRequire(path.join(folder, "here.js"))("loopback-datasource-juggler");

const source = new DataSource({connector: "memory"});
const Item = source.define("Item", {
  name: {type: String},
  group: {type: Number},
  email: {type: String, index: true},
  price: {type: Number},
});

let made = 0;
const record = () => {
  made += 1;
  return {
    name: `name ${made}`,
    group: made % 10,
    email: `e${made}@example.org`,
    price: (made * 7919) % 10007,
  };
};

const works = {
  by_id: (at) => Item.findById(1 + ((at * 37) % rows)),
  by_email: (at) => Item.find({where: {email: `e${1 + ((at * 37) % rows)}@example.org`}}),
  scan: (at) => Item.find({where: {group: at % 10}}),
  ordered: () => Item.find({order: "price DESC", limit: 10}),
  count: (at) => Item.count({group: at % 10}),
  update_all: (at) => Item.updateAll({group: at % 10}, {name: `new ${at}`}),
  load: () => Item.find({limit: 1000}),
  create: () => Item.create(record()),
};

async function main() {
  for (let at = 0; at < rows; at += 1) await Item.create(record());
  console.log("ready");
  for await (const line of readline.createInterface({input: process.stdin})) {
    const {work, count} = JSON.parse(line);
    for (let at = 0; at < count; at += 1) await works[work](at);
    console.log("done");
  }
}

main();
