// Shows the service to whoever is signed in; signing in or out loads the document anew.
"use strict";

const DOCUMENT = "../openapi.json?version=3.0";
const START = "start.json";

const state = document.getElementById("state");

// What the "Authorize" button was given, as headers.
function credentials(system) {
  const headers = {};
  const authorized = system.authSelectors.authorized();
  for (const entry of Object.values(authorized ? authorized.toJS() : {})) {
    if (entry.schema.type === "apiKey" && entry.schema.in === "header") {
      headers[entry.schema.name] = entry.value;
    } else if (entry.schema.type === "http") {
      headers.Authorization = `Bearer ${entry.value}`;
    }
  }
  return headers;
}

function show(system, text, message) {
  system.specActions.updateLoadingStatus("success");
  system.specActions.updateSpec(text);
  state.textContent = message;
}

async function load(system, headers) {
  const answer = await fetch(DOCUMENT, { headers, cache: "no-store" });
  if (answer.ok) {
    const text = await answer.text();
    const count = JSON.parse(text).tags.length;
    show(system, text, `${count} ${count === 1 ? "model" : "models"}`);
    return;
  }
  const start = await fetch(START);
  const asked = Object.keys(headers).length > 0;
  const why = asked ? "These credentials are not accepted." : "Press Authorize to sign in.";
  show(system, await start.text(), answer.status === 401 ? why : `Error ${answer.status}`);
}

// Loads the document now, and again whenever the credentials change.
function follow(system) {
  let known = null;
  const look = () => {
    const headers = credentials(system);
    if (JSON.stringify(headers) !== known) {
      known = JSON.stringify(headers);
      load(system, headers);
    }
  };
  system.getStore().subscribe(look);
  look();
}

// "?tenant=..." in the address signs in, where the service believes a header.
function begin(ui) {
  const tenant = new URLSearchParams(window.location.search).get("tenant");
  if (tenant !== null) ui.preauthorizeApiKey("tenant", tenant);
  follow(ui.getSystem());
}

async function main() {
  let begun = false;
  const ui = SwaggerUIBundle({
    dom_id: "#explorer",
    spec: await (await fetch(START)).json(),
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    deepLinking: false,
    docExpansion: "list",
    validatorUrl: null,
    // Called for every document, so for those that are loaded later too.
    onComplete() {
      if (!begun) begin(ui);
      begun = true;
    },
  });
}

main();
