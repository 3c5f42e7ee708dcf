// The protocol of `bench/kit`, and the measures of `bench/rivals/driver`, for rivals that are written for Node.

import { readFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

const LIMIT = 300_000;
const WARM = 2 ** 32 - 1;
const WARM_JOBS = 50;
const now = () => performance.now();
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** The text that each job carries beside its number. */
export const text = "x".repeat(100);

/** The task in the program's arguments. */
export function parseTask() {
  const option = (standard) => ({ type: "string", default: standard });
  const { values } = parseArgs({
    options: {
      system: option(), measure: option(), url: option(), jobs: option("10000"), workers: option("0"),
      tasks: option("8"), gap: option("20"), rate: option("1000"),
    },
  });
  for (const number of ["jobs", "workers", "tasks", "gap", "rate"]) values[number] = Number(values[number]);
  return values;
}

function say(line) {
  writeSync(1, JSON.stringify(line) + "\n");
}

/** Tells that this system cannot do this, and ends the program. */
export function unsupported(why) {
  say({ unsupported: why });
  process.exit(0);
}

async function begin(name) {
  say({ begin: name });
  await lines.next();
  return { name, cpu: process.cpuUsage(), begin: now() };
}

async function end(phase, jobs, more = {}) {
  const seconds = (now() - phase.begin) / 1e3;
  const { user, system } = process.cpuUsage(phase.cpu);
  const resident = Number(/VmRSS:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
  say({ end: phase.name, jobs, seconds, client_cpu: (user + system) / 1e6, resident_kib: resident, ...more });
  await lines.next();
}

let runs = new Uint8Array(0);
let total = 0;
let goal = 0;
let times = 1;
let all = Promise.withResolvers();
let waits;

/** A job runs. Returns how often it ran before. */
export function ran(number, given) {
  if (number === WARM) return 1;
  if (given?.length !== 100 || !(number < runs.length)) throw new Error("the job's arguments came back changed");
  if (waits && !waits.started[number]) waits.started[number] = now();
  total += 1;
  if (total === goal) all.resolve();
  return runs[number]++;
}

function check() {
  const less = runs.filter((ran) => ran < times).length;
  const more = runs.filter((ran) => ran > times).length;
  if (less + more) throw new Error(`${less} jobs ran less than ${times} times, ${more} more often`);
}

function report() {
  const figures = {};
  for (const [from, prefix] of [[waits.begun, ""], [waits.returned, "returned_"]]) {
    const sorted = waits.started.map((started, job) => Math.max(0, started - from[job])).sort();
    for (const [name, share] of [["p50", 0.5], ["p95", 0.95], ["p99", 0.99], ["max", 1]]) {
      figures[prefix + name] = sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)];
    }
  }
  return figures;
}

async function enqueue(rival, task) {
  await Promise.all(Array.from({ length: task.tasks }, async (_, first) => {
    for (let number = first; number < task.jobs; number += task.tasks) await rival.enqueue(number, text);
  }));
}

/** Waits until all have run and the database shows it. */
async function finish(rival) {
  const late = setTimeout(() => all.reject(new Error(`after 300 s, there were ${total} of ${goal} runs`)), LIMIT);
  await all.promise;
  clearTimeout(late);
  const last = now() + LIMIT;
  while (!(await rival.allDone())) {
    if (now() > last) throw new Error("after 300 s, the database does not show all jobs as done");
    await sleep(5);
  }
}

async function stop(worker) {
  // A rival that runs a job twice may do so a moment later.
  await sleep(200);
  await worker();
  check();
}

async function drain(rival, task, name, kind) {
  await rival.bulk(task.jobs, kind);
  if (kind.at) await sleep(Math.max(0, kind.at - Date.now()));
  const phase = await begin(name);
  const worker = await rival.start(task);
  await finish(rival);
  await end(phase, task.jobs);
  await stop(worker);
}

async function latency(rival, task, name, gap) {
  const worker = await rival.start(task);
  for (let warm = 0; warm < WARM_JOBS; warm += 1) {
    await rival.enqueue(WARM, text);
    await sleep(2);
  }
  await sleep(500);
  const times = () => new Float64Array(task.jobs);
  waits = { begun: times(), returned: times(), started: times() };
  const phase = await begin(name);
  const first = now();
  const calls = [];
  for (let number = 0; number < task.jobs; number += 1) {
    const pause = first + gap * number - now();
    if (pause > 0) await sleep(pause);
    waits.begun[number] = now();
    calls.push(rival.enqueue(number, text).then(() => { waits.returned[number] = now(); }));
  }
  await Promise.all(calls);
  await finish(rival);
  await end(phase, task.jobs, report());
  await stop(worker);
}

/**
 * Does the task with a rival: `enqueue(number, text)`, `bulk(jobs, kind)` where the kind is `{}`, `{ at }` or `{ flaky }`,
 * `start(task)` which returns what stops it, `allDone()`, `close()`, and `no`, the reasons why it cannot do a measure.
 */
export async function run(rival, task) {
  runs = new Uint8Array(task.jobs);
  times = task.measure === "retried" ? 2 : 1;
  goal = task.jobs * times;
  const no = { batch: "it has no batch with a continuation", ...rival.no }[task.measure];
  if (no) unsupported(no);
  switch (task.measure) {
    case "enqueue": {
      const phase = await begin("enqueue");
      await enqueue(rival, task);
      await end(phase, task.jobs);
      break;
    }
    case "bulk": {
      const phase = await begin("bulk");
      await rival.bulk(task.jobs, {});
      await end(phase, task.jobs);
      break;
    }
    case "drain":
    case "drain_nohistory":
      await drain(rival, task, task.measure, {});
      break;
    case "delayed":
      await drain(rival, task, "delayed", { at: Date.now() + 2_000 });
      break;
    case "retried":
      await drain(rival, task, "retried", { flaky: true });
      break;
    case "latency":
      await latency(rival, task, "latency", task.gap);
      break;
    case "loaded":
      await latency(rival, task, "loaded", 1e3 / task.rate);
      break;
    case "mixed": {
      const worker = await rival.start(task);
      const phase = await begin("mixed");
      await enqueue(rival, task);
      await finish(rival);
      await end(phase, task.jobs);
      await stop(worker);
      break;
    }
    default:
      throw new Error(`there is no measure named ${task.measure}`);
  }
  process.exit(0);
}

/** The numbers from 0 to `jobs - 1` in chunks; some of them under way at once. */
export async function inChunks(jobs, size, atOnce, call) {
  let next = 0;
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (next < jobs) {
      const first = next;
      next += size;
      await call(Array.from({ length: Math.min(size, jobs - first) }, (_, index) => first + index));
    }
  }));
}
