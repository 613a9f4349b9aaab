/**
 * Measures how cost grows with work: 1 to 300 clients, files of 1 KiB to 16 GiB, folders of 10 to 1,000,000 entries, links
 * of 30 to 300 ms. No cost may grow faster than its work.
 *
 *     npm run build && node bench/growth.ts           --dir DIR --largest BYTES --entries N --clients N --out DIR
 */
import {mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {parseArgs} from 'node:util';
import {growthChart} from './growth/chart.ts';
import {type Curve, growthOf} from './growth/curve.ts';
import {growClients, growDistance, growEntries, growSize} from './growth/measure.ts';
import {printRows} from './report/lines.ts';
import {chooseFolder, makeFolder} from './running/places.ts';

async function main(): Promise<void> {
  const {values} = parseArgs({
    options: {
      /** A folder with room for twice the largest file. */
      dir: {type: 'string'},
      largest: {type: 'string', default: String(4 * 2 ** 30)},
      entries: {type: 'string', default: '1000000'},
      clients: {type: 'string', default: '300'},
      out: {type: 'string', default: path.join(import.meta.dirname, 'results')},
    },
  });
  const largest = Number(values.largest);
  using folder = makeFolder(values.dir ?? chooseFolder(3 * largest));
  const place = {
    folder: folder.path,
    largest,
    mostEntries: Number(values.entries),
    mostClients: Number(values.clients),
  };
  const curves: Curve[] = [];
  for (const grow of [growClients, growSize, growEntries, growDistance]) {
    const curve = await grow(place);
    curves.push(curve);
    print(curve);
  }

  await mkdir(values.out, {recursive: true});
  await writeFile(path.join(values.out, 'growth.svg'), growthChart(curves));
  await writeFile(
    path.join(values.out, 'growth.json'),
    `${JSON.stringify(curves, undefined, 2)}\n`,
  );
}

function print(curve: Curve): void {
  const memory = (MB: number | undefined) => MB?.toFixed(0) ?? '';
  printRows(
    `${curve.name}: a unit costs at most ${growthOf(curve).toFixed(2)} × the cost at a smaller amount`,
    [
      [curve.of, 'seconds', curve.costOf, 'client MB', 'server MB'],
      ...curve.points.map(({amount, seconds, cost, clientMB, serverMB}) => [
        String(amount),
        ...[seconds.toFixed(2), cost.toPrecision(3), memory(clientMB), memory(serverMB)],
      ]),
    ],
  );
}

await main();
