/** `queue add FILE|MASK...`: files of one server, to be fetched later. */
import {displayName} from '../../../protocol/display-text.ts';
import type {QueueStore} from '../../transfers/database/queue-store.ts';
import type {NewTransfer, WantedFile} from '../../transfers/terms/new-transfer.ts';
import {isSettled} from '../../transfers/terms/transfer-state.ts';
import {connect} from '../connect.ts';
import {count, formatRanges, formatSize} from '../format.ts';
import type {Job} from '../job.ts';
import {commonOutcome, type Outcome} from '../outcome.ts';
import {inStore} from './in-store.ts';
import {serverName, serverText} from './server-name.ts';
import {transferJson} from './transfer-view.ts';
import {splitInputs, wantedFiles} from './wanted-files.ts';

export async function queueAdd(job: Job): Promise<Outcome> {
  const {client, inputs, options, signal} = job;
  // The option has every value here but that one.
  const onConflict = options.onConflict === 'ask' ? 'resume' : options.onConflict;
  const asked = splitInputs(inputs, options.server.path);
  await connect(client, signal);
  const {wanted, codes} = await wantedFiles(asked, job);
  return inStore(job, async store => {
    const refused = await addTo(store, wanted, onConflict, job);
    return commonOutcome(refused === 0 ? codes : [...codes, 'exists']);
  });
}

/**
 * Add all in one transaction: an interruption leaves nothing half queued. @returns how many
 * were refused.
 */
async function addTo(
  store: QueueStore,
  wanted: readonly WantedFile[],
  onConflict: NewTransfer['onConflict'],
  {options, output, json}: Job,
): Promise<number> {
  const server = serverName(options.server);
  const waiting = placesOf(store, server);
  const added: NewTransfer[] = [];
  let refused = 0;
  for (const file of wanted) {
    const remotePath = waiting.get(placeOf(file));
    if (remotePath === undefined) {
      added.push({...file, onConflict, priority: options.priority});
    } else if (remotePath !== file.remotePath) {
      refused++;
      output.error(
        `${displayName(file.remotePath)}: another transfer in the queue saves to that name`,
      );
    }
  }

  const ids = store.add(server, added).map(({id}) => id);
  const known = wanted.length - added.length - refused;
  if (json !== undefined) {
    await json.add(store.read(ids).map(stored => transferJson(serverText(server), stored)));
    await json.close();
  } else {
    const bytes = added.reduce((sum, {size = 0}) => sum + size, 0);
    const which = ids.length === 0 ? '' : ` (ID ${formatRanges(ids)})`;
    const others = known === 0 ? '' : `; ${known} queued already`;
    await output.result(
      `${count(added.length, 'file')}, ${formatSize(bytes)} queued${which}${others}\n`,
    );
  }

  return refused;
}

/** The places and remote paths of the transfers of `server` that are not settled. */
function placesOf(store: QueueStore, server: string): Map<string, string> {
  return new Map(
    store
      .load(server)
      .filter(({state}) => !isSettled(state))
      .map(({transfer}) => [placeOf(transfer), transfer.remotePath]),
  );
}

function placeOf({folder, localPath}: Pick<NewTransfer, 'folder' | 'localPath'>): string {
  return `${folder}\0${localPath}`;
}
