import assert from 'node:assert/strict';
import {test} from 'node:test';
import {pino} from 'pino';
import {noCounts} from '../../../server/metrics/counts.ts';
import {openMetrics} from '../../../server/metrics/open-metrics.ts';

test('only numbers that other machines can read are warned of, and the log has the address', async t => {
  const lines: Array<{url?: string}> = [];
  const logger = pino({}, {write: line => lines.push(JSON.parse(line) as {url?: string})});
  const warnings: string[] = [];
  const counts = {...noCounts(), connections: 5};
  const means = {counts, logger, warn: (text: string) => warnings.push(text)};
  const port = await openMetrics({host: '127.0.0.1', port: 0}, means);
  t.after(() => port.close());
  assert.deepEqual(warnings, []);
  const [{url = ''} = {}] = lines;
  assert.equal(url, port.url);
  assert.match(await (await fetch(url)).text(), /^jangada_connections_total 5$/m);
  const open = await openMetrics({host: '0.0.0.0', port: 0}, means);
  t.after(() => open.close());
  assert.equal(warnings.length, 1);
  const {port: taken} = new URL(url);
  await assert.rejects(openMetrics({host: '127.0.0.1', port: Number(taken)}, means), {
    code: 'local_io',
    message: /^--metrics 127\.0\.0\.1:\d+: .*\(EADDRINUSE\)\. Choose/,
  });
});
