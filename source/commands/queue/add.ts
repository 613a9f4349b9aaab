/** `queue add FILE|MASK...`: files of one server, to be fetched later. */
import {serverName} from '../../../protocol/address.ts';
import type {QueueStore} from '../../transfers/database/queue-store.ts';
import type {NewTransfer, WantedFile} from '../../transfers/terms/new-transfer.ts';
import {isSettled} from '../../transfers/terms/transfer-state.ts';
import {connect} from '../connect.ts';
import {count, formatRanges, formatSize} from '../format.ts';
import type {Job} from '../job.ts';
import {commonOutcome, type Outcome} from '../results/outcome.ts';
import {searchAhead} from '../transfer/found-files.ts';
import type {Backlog} from '../transfer/intake/backlog.ts';
import {inStore} from './in-store.ts';
import {serverText} from './server-name.ts';
import {transferJson} from './transfer-view.ts';
import {RefusedFiles, splitInputs, wantedFiles} from './wanted-files.ts';

/** Rows of the database that are read at once: there may be millions. */
const rowsAtOnce = 1000;

export async function queueAdd(job: Job): Promise<Outcome> {
  const {client, inputs, options, json, signal} = job;
  // The option has all values that the queue takes, and `ask`.
  const onConflict = options.onConflict === 'ask' ? 'resume' : options.onConflict;
  const asked = splitInputs(inputs, options.server.path);
  const ahead = asked.files.length === 0 ? searchAhead({inputs: asked.masks, options}) : {};
  await connect(client, signal, ahead);
  const refused = new RefusedFiles(job.output);
  const wanted = await wantedFiles(asked, job, refused);
  return inStore(job, async store => {
    await addTo(store, {wanted, refused, onConflict}, job);
    const fields = refused.end();
    json?.tell(fields);
    return commonOutcome(refused.codes);
  });
}

type Adding = {
  wanted: Backlog;
  refused: RefusedFiles;
  onConflict: NewTransfer['onConflict'];
};

/** Add all files in one transaction: an interruption leaves nothing half queued. */
async function addTo(
  store: QueueStore,
  {wanted, refused, onConflict}: Adding,
  {options, output, json}: Job,
): Promise<void> {
  const server = serverName(options.server);
  const waiting = placesOf(store, server);
  let known = 0;
  let bytes = 0;
  const isNew = (file: WantedFile) => {
    const remotePath = waiting.get(placeOf(file));
    if (remotePath === file.remotePath) {
      known++;
    } else if (remotePath === undefined) {
      bytes += file.size ?? 0;
    } else {
      refused.refuse(file.remotePath, 'exists', 'another transfer in the queue saves to that name');
    }

    return remotePath === undefined;
  };
  const {priority} = options;
  const slices = function* () {
    for (const {files} of wanted.all()) {
      yield files.filter(isNew).map((file): NewTransfer => ({...file, onConflict, priority}));
    }
  };
  const ids = store.addAll(server, slices());
  if (json !== undefined) {
    for (let at = 0; at < ids.length; at += rowsAtOnce) {
      const rows = store.read(ids.slice(at, at + rowsAtOnce));
      await json.add(rows.map(stored => transferJson(serverText(server), stored)));
    }

    await json.close();
  } else {
    const which = ids.length === 0 ? '' : ` (ID ${formatRanges(ids)})`;
    const others = known === 0 ? '' : `; ${known} queued already`;
    await output.result(
      `${count(ids.length, 'file')}, ${formatSize(bytes)} queued${which}${others}\n`,
    );
  }
}

/** The places and remote paths of the transfers of `server` that are not settled. */
function placesOf(store: QueueStore, server: string): Map<string, string> {
  const places = new Map<string, string>();
  let rows = store.load(server, undefined, rowsAtOnce);
  while (rows.length > 0) {
    for (const {transfer, state} of rows) {
      if (!isSettled(state)) {
        places.set(placeOf(transfer), transfer.remotePath);
      }
    }

    rows = store.load(server, rows.at(-1), rowsAtOnce);
  }

  return places;
}

function placeOf({folder, localPath}: Pick<NewTransfer, 'folder' | 'localPath'>): string {
  return `${folder}\0${localPath}`;
}
