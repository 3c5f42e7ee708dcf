// The rivals that are written for Node; `--system` picks one.

import { parseTask, run } from "./kit.mjs";

const systems = { graphile_worker_node: "./graphile_worker.mjs", pg_boss: "./pg_boss.mjs" };
const task = parseTask();
const file = systems[task.system];
if (!file) throw new Error(`there is no rival named ${task.system}`);
const { connect } = await import(file);
await run(await connect(task.url, task), task);
