/** The parts of the screen of servers on which its keys act. */
import type {Address} from '../../../../protocol/address.ts';
import type {CertificateError} from '../../../client/connection/certificate-error.ts';
import type {HelpPage} from '../help/help-page.ts';
import type {KeyOf} from '../key-of.ts';
import type {Messages} from '../messages.ts';
import type {Prompt} from '../typing/prompt.ts';
import type {Connecting} from './connecting.ts';
import type {ServerList} from './server-list.ts';

export type ServersParts = {
  readonly list: ServerList;
  readonly connecting: Connecting;
  readonly prompt: Prompt;
  readonly messages: Messages;
  readonly help: HelpPage;
  /** For sentences that name a key, because users can change keys. */
  readonly keyOf: KeyOf;
  /** Lines of a page. */
  readonly pageRows: () => number;
  /** Connect to the server, and then show it. */
  readonly open: (address: Address) => void;
  /** Trust the server that has shown this certificate. */
  readonly trust: (certificate: CertificateError) => void;
  readonly suspend: () => void;
  readonly quit: () => void;
};
