"""REST in LoopBack's form: one handler for every model of every tenant."""
