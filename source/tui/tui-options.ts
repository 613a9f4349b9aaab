/** What the interface of the terminal is started with, whichever way it shows itself. */
import type {ScreenSettings} from '../config/screen-settings.ts';
import type {ServerBook} from '../servers/server-book.ts';
import type {Sessions} from '../servers/sessions.ts';
import type {Start} from './model/screens.ts';
import type {KeptLines} from './model/typing/line-history.ts';

export type TuiOptions = {
  sessions: Sessions;
  /** The servers that the user knows. */
  book: ServerBook;
  /** The server to begin with. Default: the user chooses one. */
  start?: Start;
  /** Where downloads are saved. */
  folder: string;
  /** Whether clicks and the wheel count. Default: they do. */
  mouse?: boolean;
  /** Default: those of the process. */
  stdin?: NodeJS.ReadStream;
  stdout?: NodeJS.WriteStream;
  /** Where typed commands are kept. Default: they are forgotten with this run. */
  kept?: KeptLines;
  /** Sentences to begin with: a remark, and one about something that is wrong. */
  notice?: string;
  complaint?: string;
  settings: ScreenSettings;
};
