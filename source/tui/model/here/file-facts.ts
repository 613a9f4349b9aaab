/**
 * What is known of files, on the server and here: one source for the column of the files, the rows of the queue, the
 * verifier and the details.
 */
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {Client} from '../../../client/client.ts';
import {firstBlock} from '../../../transfers/download/first-block.ts';
import type {Queue, TransferSnapshot} from '../../../transfers/queue/queue.ts';
import {Details, type DetailsView, showsResults, showsVerifier} from '../details/details.ts';
import {folderBeginning} from '../details/folder-beginning.ts';
import {Preview} from '../details/preview.ts';
import {type FilesView, parentRow} from '../files/files-view.ts';
import type {CurrentEntry} from '../files/folder-listing.ts';
import type {Repainter} from '../repainter.ts';
import {type OpenedTransfer, OpenedTransfers} from '../transfers/opened-transfer.ts';
import type {TransfersView} from '../transfers/transfer-list.ts';
import {Verifier, type VerifierView} from '../verifier/verifier.ts';
import {VerifyList, type VerifyListView} from '../verifier/verify-list.ts';
import {type CopyNow, copyNow} from './copy-now.ts';
import {Here} from './here.ts';
import type {HereState} from './here-state.ts';
import {VerifierNow, verifierNow} from './verifier-now.ts';

export type FileFactsView = {
  /** The state of the local copy, for each row of the files. */
  readonly here: ReadonlyArray<HereState | undefined>;
  /** What has happened to the file of each row of the transfers. */
  readonly copies: ReadonlyArray<CopyNow | undefined>;
  readonly verifier: VerifierView;
  /** The results of comparing many files; undefined while the pane shows something else. */
  readonly results: VerifyListView | undefined;
  /** Whether many files are being compared. */
  readonly isComparing: boolean;
  /** The details of the entry under the cursor; undefined while the verifier has the pane. */
  readonly details: DetailsView | undefined;
  /** The transfer under the cursor, while its details are shown. */
  readonly opened: OpenedTransfer | undefined;
};

type Shown = {
  readonly files: FilesView;
  /** The entry under the cursor. */
  readonly current: CurrentEntry | undefined;
  readonly transfers: TransfersView;
  /** Whether the right pane has the focus. */
  readonly isFocused: boolean;
  /** Whether the right pane has room that only a preview would use. */
  readonly isRoomy: boolean;
};

type FileFactsOptions = {
  readonly client: Client;
  readonly queue: Queue;
  /** Absolute path of the folder that downloads are saved in. */
  readonly folder: string;
  /** The folder of the server's address: local paths begin there. */
  readonly base: RemotePath;
};

export class FileFacts {
  readonly here: Here;
  readonly verifier: Verifier;
  readonly preview: Preview;
  readonly verifyList: VerifyList;
  readonly #queue: Queue;
  readonly #details: Details;
  readonly #opened: OpenedTransfers;

  constructor({client, queue, folder, base}: FileFactsOptions, repainter: Repainter) {
    this.#queue = queue;
    const here = new Here({queue, folder, base}, repainter);
    this.here = here;
    const now = new VerifierNow();
    this.verifier = new Verifier(client, repainter, {
      compared: report => here.compared(report),
      now: view =>
        view.path === undefined
          ? view
          : now.of(view, here.seen(view.path), here.transfer(view.path), queue.blocksOf),
    });
    this.verifyList = new VerifyList(
      {
        ...{client, queue, folder, base},
        compared: report => here.compared(report),
        now: view =>
          view.path === undefined
            ? view
            : verifierNow(view, here.seen(view.path), here.transfer(view.path), () => undefined),
      },
      repainter,
    );
    this.preview = new Preview(
      ({path, size, isFolder = false}, call) =>
        isFolder ? folderBeginning(client, path, call) : firstBlock(client, path, size, call),
      repainter,
    );
    this.#details = new Details({here, preview: this.preview});
    this.#opened = new OpenedTransfers(queue);
  }

  view({files, current, transfers, isFocused, isRoomy}: Shown): FileFactsView {
    const hasEntries = !files.loading || files.rows.some(row => row !== parentRow);
    this.verifier.follow(current?.path, {hasEntries});
    const verifier = this.verifier.view();
    const looked = transfers.rows.filter(
      ({state}, index) =>
        state.name === 'done' || (transfers.isOpened && index === transfers.cursor),
    );
    const here = this.here.show({
      shown: files.path,
      isReading: files.loading,
      rows: files.rows.map(row => (row === parentRow ? undefined : row)),
      others: [
        verifier.path ?? [],
        this.verifyList.shownPaths,
        looked.map(({remotePath}) => remotePath),
      ].flat(),
    });
    const copyOf = (row: TransferSnapshot) =>
      copyNow(row, this.#queue.find(row.remotePath), this.here.seen(row.remotePath));
    const screen = {current: current?.path, isFocused, isPreviewed: this.preview.isOpen};
    const list = this.verifyList.view();
    const results = showsResults(list, screen) ? list : undefined;
    const isHidden = results !== undefined || showsVerifier(verifier, screen);
    const isWorking = transfers.queue.active > 0;
    const unasked = !isRoomy || isHidden ? 'never' : isWorking ? 'known' : 'always';
    const details = this.#details.view(current, files, here[files.cursor], unasked);
    return {
      ...{here, verifier, results, isComparing: this.verifyList.isRunning},
      copies: transfers.rows.map(copyOf),
      details: isHidden ? undefined : details,
      opened: this.#opened.view(transfers, row => ({
        seen: this.here.seen(row.remotePath),
        copy: copyOf(row),
      })),
    };
  }

  close(): void {
    this.verifier.stop();
    this.verifyList.close();
    this.preview.close();
    this.here.close();
  }
}
