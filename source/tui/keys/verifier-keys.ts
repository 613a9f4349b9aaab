/** Keys of the verifier pane. */
import {displayName} from '../../../protocol/display-text.ts';
import type {Parts} from '../model/parts.ts';
import {say} from '../text/say.ts';
import type {Binding} from './binding.ts';
import {verifyCurrent} from './verify-current.ts';

const inVerifier: readonly Omit<Binding, 'pane'>[] = [
  {
    action: 'repair',
    keys: ['R'],
    text: say`fetch the blocks that are bad or missing`,
    short: say`repair`,
    perform: repair,
  },
  {
    action: 'position',
    keys: ['p', 'enter'],
    text: say`hash up to a position that you type`,
    short: say`position`,
    perform: typePosition,
  },
  {
    action: 'verify',
    keys: ['v'],
    text: say`compare again`,
    short: say`verify`,
    perform: verifyCurrent,
  },
];

export const verifierKeys: readonly Binding[] = inVerifier.map(key => ({...key, pane: 'verifier'}));

function repair({
  verifier,
  downloads,
  messages,
}: Pick<Parts, 'verifier' | 'downloads' | 'messages'>): void {
  const {path, copy, state} = verifier.view();
  if (state.name === 'verified') {
    messages.say(say`There is nothing to repair: every block was checked when it was fetched.`);
  } else if (state.name === 'fetching') {
    messages.say(say`It is being fetched: what differs comes with that.`);
  } else if (path === undefined || copy === undefined || state.name !== 'compared') {
    messages.complain(say`There is nothing to repair: press v on a file in the files pane.`);
  } else if (state.report.equal) {
    messages.say(say`There is nothing to repair: every block is as it is there.`);
  } else {
    downloads.repair(path, copy);
  }
}

type Hashing = Pick<Parts, 'verifier' | 'prompt' | 'messages'>;

function typePosition(parts: Hashing): void {
  const {verifier, prompt, messages} = parts;
  const {path, copy} = verifier.view();
  if (path === undefined || copy === undefined) {
    messages.complain(say`Choose a file that is here, too: press v on it in the files pane.`);
    return;
  }

  prompt.open({
    label: say`Hash the first bytes, up to:`,
    hint: say`nothing for all of it, Enter starts, Esc goes back`,
    text: '',
    onEnter: text => hashUpTo(parts, text),
  });
}

function hashUpTo({verifier, messages}: Hashing, text: string): void {
  const digits = text.replaceAll(/[\s,._]/g, '');
  const length = digits === '' ? undefined : Number(digits);
  if (length !== undefined && !(/^\d+$/.test(digits) && Number.isSafeInteger(length))) {
    messages.complain(say`'${displayName(text)}' is no position: type a number of bytes.`);
    return;
  }

  void verifier.hash(length);
}
