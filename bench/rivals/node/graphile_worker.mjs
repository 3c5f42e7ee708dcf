// Graphile Worker.

import { Logger, makeWorkerUtils, run } from "graphile-worker";
import pg from "pg";

import { inChunks, ran, text } from "./kit.mjs";

export async function connect(url) {
  const pgPool = new pg.Pool({ connectionString: url, max: 30 });
  const logger = new Logger(() => () => {});
  const utils = await makeWorkerUtils({ pgPool, logger });
  await utils.migrate();
  return {
    no: { retried: "the pause before its second attempt is fixed" },
    enqueue: (number, text) => utils.addJob("noop", { number, text }),
    bulk: (jobs, { at }) => inChunks(jobs, 5_000, 2, (numbers) => {
      const runAt = at && new Date(at);
      return utils.addJobs(numbers.map((number) => ({ identifier: "noop", payload: { number, text }, runAt })));
    }),
    async start(task) {
      const latency = task.measure === "latency" || task.measure === "loaded";
      const worker = latency
        ? { concurrentJobs: task.workers || 8 }
        : { concurrentJobs: task.workers || 24, localQueue: { size: 100 }, completeJobBatchDelay: 0 };
      const runner = await run({
        pgPool, logger, noHandleSignals: true, preset: { worker },
        taskList: { noop: async ({ number, text }) => { ran(number, text); } },
      });
      return () => runner.stop();
    },
    // A job that is done is deleted.
    async allDone() {
      const { rows } = await pgPool.query("select not exists (select from graphile_worker._private_jobs) as all");
      return rows[0].all;
    },
  };
}
