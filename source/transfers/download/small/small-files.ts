/**
 * Many small files over one connection. One by one they would be lost in round trips, so requests
 * go as far ahead as bytes come in about a second, each for many files; one promise an operation would cost more than the work, so files are written with
 * synchronous calls, a few at a time as their bytes come. Flushing waits for the disk: that is
 * done for a group together, on Node's own threads, and only then they get their names.
 *
 *     request ahead ─► files-request ─► receive-files ──┬─► flush-group: write ┄ flush ┄ name
 *                 └──► receive-small-file ──────────────┘   (a larger one, an older server)
 *     something has the name ─► compare-small-files
 *
 * Each takes a place among the open files before it is asked for; where there is none, those that are
 * written are flushed and closed first.
 *
 * A file that is not plain (something has the name or the partial's name, the file has grown, the
 * server says `changed`) is left to `Download`.
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

/** Share of the time to end in that is kept for flushing and naming. */
const flushShare = 0.2;
const tellEveryMs = 100;

/**
 * Fetch `files` over `connection`. Every file is told how it ended, except those that were under
 * way when the connection was lost, or when this had to end.
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
        // Many are asked for at once, or none: not one more for each that has come.
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
      // The answers to come cannot be called off but with the connection.
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
          // Nothing more may come for files whose group is flushed for the last time.
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
    // Their folders stay open until both have ended.
    await Promise.allSettled([flushed, compared]);
    await flushed;
  }

  await compared;
}

/** The rate of a connection is known from the group before, under the same limit: to find it out takes round trips. */
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

/** Ask for `file`, alone or together with others. */
function request(
  connection: Connection,
  file: SmallFile,
  tools: SmallFileTools & {group: FlushGroup},
  together: FilesRequest,
  turn: Turn,
): void {
  const {algorithm, group} = tools;
  const path = file.remotePath;
  // Whether it has a partial is seen when that is created: few have one, and each look costs.
  if (together.takes(file)) {
    turn.asked(file, {begins: together.isEmpty});
    together.add(file);
    return;
  }

  // No range for an empty one: should it have grown, nothing of it comes.
  const ranges: Array<[number, number]> = file.size === 0 ? [] : [[0, file.size]];
  const receiver = receiveSmallFile(connection, file, tools, group, turn);
  turn.asked(file, {begins: true});
  connection.request('get', {path, algorithm, ranges}, receiver);
}
