/** The options of the terminal interface, as full screen or as sentences. */
import type {ScreenSettings} from '../config/screen-settings.ts';
import type {ServerBook} from '../servers/server-book.ts';
import type {Sessions} from '../servers/sessions.ts';
import type {Start} from './model/screens.ts';
import type {KeptLines} from './model/typing/line-history.ts';

export type TuiOptions = {
  sessions: Sessions;
  /** The known servers. */
  book: ServerBook;
  /** The first server. Default: the user chooses one. */
  start?: Start;
  /** Where downloads are saved. */
  folder: string;
  /** Whether the screen uses the mouse. Default: it does. */
  mouse?: boolean;
  /** Default: those of the process. */
  stdin?: NodeJS.ReadStream;
  stdout?: NodeJS.WriteStream;
  /** Where typed commands are kept. Default: they are forgotten at the end of this run. */
  kept?: KeptLines;
  /** Sentences to begin with: a remark, and one about a problem. */
  notice?: string;
  complaint?: string;
  settings: ScreenSettings;
};
