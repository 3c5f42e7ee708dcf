// pg-boss.

import pg from "pg";
import { PgBoss } from "pg-boss";

import { inChunks, ran, text } from "./kit.mjs";

const QUEUE = "noop";

export async function connect(url, task) {
  const boss = new PgBoss({ connectionString: url, max: 20, useListenNotify: true, schedule: false });
  boss.on("error", (error) => { throw error; });
  await boss.start();
  // Workers that find a backlog go on without a notification.
  const notify = ["latency", "loaded", "mixed"].includes(task.measure);
  await boss.createQueue(QUEUE, { notify, retryLimit: 2, retryDelay: 0, retryBackoff: false });
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  return {
    no: { drain_nohistory: "it keeps what it has done for a second at least, and removes it in its maintenance" },
    enqueue: (number, text) => boss.send(QUEUE, { number, text }),
    bulk: (jobs, { at, flaky }) => inChunks(jobs, 5_000, 2, (numbers) => {
      const startAfter = at && new Date(at);
      return boss.insert(QUEUE, numbers.map((number) => ({ data: { number, text, flaky }, startAfter })));
    }),
    async start({ measure, workers }) {
      const latency = measure === "latency" || measure === "loaded";
      const localConcurrency = workers || (latency ? 1 : 4);
      // A worker takes a batch and handles it job by job.
      const batchSize = latency ? 100 : Math.min(500, Math.max(50, Math.floor(2_000 / localConcurrency)));
      const polling = { pollingIntervalSeconds: 0.5, burstWhenBatchFull: true };
      const options = { localConcurrency, batchSize, ...polling };
      if (measure === "retried") {
        await boss.work(QUEUE, { ...options, perJobResults: true }, async (jobs) => jobs.map(({ id, data }) => {
          const first = ran(data.number, data.text) === 0;
          return { id, status: first ? "failed" : "completed" };
        }));
      } else {
        await boss.work(QUEUE, options, async (jobs) => {
          for (const { data } of jobs) ran(data.number, data.text);
        });
      }
      return () => boss.stop();
    },
    async allDone() {
      const { rows } = await pool.query("select not exists (select from pgboss.job where state < 'completed') as all");
      return rows[0].all;
    },
  };
}
