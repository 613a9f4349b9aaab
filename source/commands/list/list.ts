/** `list [PATH]`: a folder, one entry a line. */
import {displayName} from '../../../protocol/display-text.ts';
import {isJangadaError} from '../../../protocol/errors.ts';
import type {Entry} from '../../../protocol/messages.ts';
import {pathToWire, type RemotePath} from '../../../protocol/remote-path.ts';
import type {Client} from '../../client/client.ts';
import {folderPath} from '../arguments/remote-argument.ts';
import {connect} from '../connect.ts';
import {named} from '../errors/named-error.ts';
import {formatSize, formatTime} from '../format.ts';
import type {Job} from '../job.ts';
import {allDone, type Outcome, outcomeOf} from '../results/outcome.ts';
import {isEntryName} from './entry-name.ts';
import {inOrder} from './in-order.ts';

export async function list({client, inputs, options, output, json, signal}: Job): Promise<Outcome> {
  const folder = folderPath(options.server.path, inputs[0] ?? '');
  await connect(client, signal, {entries: {name: 'list', body: {path: folder}}});
  let outcome = allDone;
  const refused = (name: string, why: string) => {
    outcome = outcomeOf('protocol');
    output.error(
      `the server listed an entry '${displayName(name)}', which jangada leaves out: ${why}`,
    );
  };

  for await (const batch of inOrder(checked(entriesOf(client, folder, signal), refused), options)) {
    await (json === undefined
      ? output.result(batch.map(lineOf).join(''))
      : json.add(batch.map(entry => ({...entry, name: pathToWire(entry.name)}))));
    if (output.closed.aborted) {
      return allDone;
    }
  }

  await json?.close();
  return outcome;
}

/** The entries of a folder, in batches; for a file, the file alone. */
async function* entriesOf(
  client: Client,
  path: RemotePath,
  signal: AbortSignal,
): AsyncGenerator<readonly Entry[]> {
  try {
    yield* client.list(path, {signal});
  } catch (error) {
    if (!isJangadaError(error, 'not_a_folder')) {
      throw named(error, path);
    }

    const {name, type, size, mtimeMs} = await client.stat(path, {signal});
    yield [{name, type, size, mtimeMs}];
  }
}

/** The entries, without names that no folder can hold: `refuse` gets each of those. */
async function* checked(
  batches: AsyncIterable<readonly Entry[]>,
  refuse: (name: string, why: string) => void,
): AsyncGenerator<readonly Entry[]> {
  for await (const batch of batches) {
    yield batch.filter(({name}) => {
      const good = isEntryName(name);
      if (!good) {
        refuse(name, 'no file can have that name');
      }

      return good;
    });
  }
}

const marks = {folder: 'd', file: '-', other: 'o'} as const;

function lineOf({name, type, size, mtimeMs}: Entry): string {
  const bytes = (type === 'file' ? formatSize(size) : '').padStart(8);
  return `${marks[type]}  ${bytes}  ${formatTime(mtimeMs).padEnd(16)}  ${displayName(name)}\n`;
}
