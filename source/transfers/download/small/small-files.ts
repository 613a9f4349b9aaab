/**
 * Fetches many small files over one connection. One by one, each would cost a round trip. So requests, each for many
 * files, run as far ahead as bytes arrive in about a second. A promise for each operation would cost more than the
 * work, so files are written with synchronous calls, a few at a time as their bytes arrive. Flushing waits for the
 * disk: a group of files is flushed together, on Node's own threads, and renamed only after that.
 *
 *     request ahead ─► files-request ─► receive-files ──┬─► flush-group: write ┄ flush ┄ rename
 *                 └──► receive-small-file ──────────────┘   (a larger file, an older server)
 *     the name is taken ─► compare-small-files
 *
 * Each file takes a place among the open files before it is requested. If none is free, the written files are flushed
 * and closed first.
 *
 * A file that needs more care (its name or its partial's name is taken, it has grown, the server answers `changed`) is
 * left to `Download`.
 */
import {Due} from '../../../../protocol/due.ts';
import type {Connection} from '../../../client/connection/connection.ts';
import {Pace} from '../../blocks/pace.ts';
import {openFiles} from '../../disk/open-files.ts';
import {writer} from '../../disk/writer/writer.ts';
import {compareSmallFiles} from './compare-small-files.ts';
import {FilesRequest} from './files-request.ts';
import {FlushGroup} from './flush-group.ts';
import {receiveSmallFile} from './receive-small-file.ts';
import {costOf, type SmallFile, type SmallFileTools, type Turn} from './small-file.ts';

export type {SmallFile} from './small-file.ts';

/** Share of the time limit of an ending that is reserved for flushing and renaming. */
const flushShare = 0.2;
const tellEveryMs = 100;

/**
 * Fetch `files` over `connection`. Each file gets an event for its end, except files that were in progress when the
 * connection was lost or the ending ran out of time.
 *
 * @throws JangadaError if the connection is lost or breaks the protocol.
 */
export async function fetchSmallFiles(
  connection: Connection,
  files: readonly SmallFile[],
  tools: SmallFileTools,
): Promise<void> {
  const group = new FlushGroup(tools.flusher, tools.states);
  const all = {...tools, group};
  const {ending} = tools;
  const {missing: left, ended: compared} = compareSmallFiles(connection, files, tools);
  writer.expect(left.length);
  let forget: (() => void) | undefined;
  let endWait: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const limit = connection.hello.limits.pipelined;
      const pace = paceOf(connection);
      let next = 0;
      let open = 0;
      const hasRoom = () => open < limit && (open < 2 || pace.outstanding < pace.bytesAhead);
      const mayAsk = () => next < left.length && !ending.begun;
      const ask = () => {
        // Request many files at once or none, instead of one more for each that has arrived.
        const isWorthIt = open < 2 || pace.outstanding + together.portion <= pace.bytesAhead;
        while (isWorthIt && mayAsk() && hasRoom()) {
          const file = left[next];
          if (file?.wanted() && !openFiles.take()) {
            group.startFlush();
            endWait?.();
            endWait = openFiles.whenFree(ask);
            break;
          }

          next++;
          if (file?.wanted()) {
            request(connection, file, all, together, turn);
          }
        }

        together.send();
        if (open === 0 && !mayAsk()) {
          resolve();
        }
      };
      // Pending answers can only be canceled by closing the connection.
      const stop = () => {
        resolve();
        connection.close();
      };
      const turn: Turn = {
        due: new Due(tellEveryMs),
        asked(file, {begins}) {
          open += begins ? 1 : 0;
          pace.asked(costOf(file));
        },
        came(cost) {
          pace.came(cost);
          ask();
          if (open > 0 && pace.leftMs > ending.leftMs * (1 - flushShare)) {
            stop();
          }
        },
        settle(cost) {
          open--;
          turn.came(cost);
        },
        again: file => left.push(file),
        reject(error) {
          reject(error);
          // No more files may arrive for a group that is flushed for the last time.
          connection.close(error);
        },
      };
      const together = new FilesRequest(connection, pace, all, turn);
      forget = ending.onBegin(() => {
        group.startFlush();
        ask();
        timer = setTimeout(stop, ending.leftMs * (1 - flushShare));
      });
      ask();
    });
  } finally {
    forget?.();
    endWait?.();
    clearTimeout(timer);
    const flushed = group.flush();
    // The folders of the files stay open until both have ended.
    await Promise.allSettled([flushed, compared]);
    await flushed;
  }

  await compared;
}

/** The pace of each connection from its last group, under the same limit, because measuring it takes round trips. */
const paces = new WeakMap<Connection, {pace: Pace; limit: number | undefined}>();

function paceOf(connection: Connection): Pace {
  const limit = connection.bytesPerSecond;
  const known = paces.get(connection);
  if (known !== undefined && known.limit === limit) {
    return known.pace;
  }

  const pace = new Pace(limit);
  paces.set(connection, {pace, limit});
  return pace;
}

/** Request `file`, alone or together with others. */
function request(
  connection: Connection,
  file: SmallFile,
  tools: SmallFileTools & {group: FlushGroup},
  together: FilesRequest,
  turn: Turn,
): void {
  const {algorithm, group} = tools;
  const path = file.remotePath;
  // Creating the partial shows whether one exists: few files have one, and each lookup costs.
  if (together.takes(file)) {
    turn.asked(file, {begins: together.isEmpty});
    together.add(file);
    return;
  }

  // No range for an empty file: if it has grown meanwhile, none of its bytes are sent.
  const ranges: Array<[number, number]> = file.size === 0 ? [] : [[0, file.size]];
  const receiver = receiveSmallFile(connection, file, tools, group, turn);
  turn.asked(file, {begins: true});
  connection.request('get', {path, algorithm, ranges, progress: true}, receiver);
}
