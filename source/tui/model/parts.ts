/** The parts of the interface on which keys act. An action takes the parts that it uses. */
import type {Queue} from '../../transfers/queue/queue.ts';
import type {Preview} from './details/preview.ts';
import type {Dialogs} from './dialogs.ts';
import type {Downloads} from './download/downloads.ts';
import type {Browser} from './files/browser.ts';
import type {RemotePaths} from './finding/remote-paths.ts';
import type {HelpPage} from './help/help-page.ts';
import type {Here} from './here/here.ts';
import type {KeyOf} from './key-of.ts';
import type {Messages} from './messages.ts';
import type {Panes} from './panes.ts';
import type {Repainter} from './repainter.ts';
import type {TransferList} from './transfers/transfer-list.ts';
import type {Undo} from './transfers/undo.ts';
import type {LineHistory} from './typing/line-history.ts';
import type {Prompt} from './typing/prompt.ts';
import type {Verifier} from './verifier/verifier.ts';
import type {VerifyList} from './verifier/verify-list.ts';

export type Parts = {
  readonly queue: Queue;
  /** Absolute path of the folder that downloads are saved in. */
  readonly folder: string;
  readonly browser: Browser;
  readonly remote: RemotePaths;
  /** Commands that were typed. */
  readonly history: LineHistory;
  readonly transfers: TransferList;
  /** Steps in the transfers that can be undone. */
  readonly undo: Undo;
  readonly here: Here;
  readonly preview: Preview;
  readonly verifier: Verifier;
  readonly verifyList: VerifyList;
  readonly downloads: Downloads;
  readonly dialogs: Dialogs;
  readonly prompt: Prompt;
  readonly messages: Messages;
  readonly panes: Panes;
  readonly help: HelpPage;
  /** For sentences that name a key, because users can change keys. */
  readonly keyOf: KeyOf;
  readonly repainter: Repainter;
  /** Put text into the clipboard of the terminal. @returns whether that was tried: no terminal reports the result. */
  readonly copy: (text: string) => boolean;
  /** Stop the program, and its job, until the shell continues it. */
  readonly suspend: () => void;
  /**
   * End the interface as soon as the blocks under way have arrived; a second call ends it at once.
   *
   * @param to Default: the shell.
   */
  readonly leave: (to?: Destination) => void;
};

/** Where the user goes after leaving a server. */
export type Destination = 'shell' | 'servers';
