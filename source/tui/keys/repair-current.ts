import {displayName} from '../../../protocol/display-text.ts';
import type {Pane} from '../model/layout.ts';
import type {Parts} from '../model/parts.ts';
import type {VerifierView} from '../model/verifier/verifier.ts';
import {formatBytes, plural} from '../text/format.ts';
import {say} from '../text/say.ts';
import {isVerdictShown} from './is-verdict-shown.ts';

type Used = Pick<
  Parts,
  'browser' | 'preview' | 'verifier' | 'verifyList' | 'downloads' | 'messages' | 'keyOf'
>;

/** Fetch the blocks that differ by the verdict on the screen: of the file, or of all files in a list. */
export function repairCurrent(parts: Used, pane: Pane): void {
  const {browser, verifier, verifyList, messages, keyOf} = parts;
  const current = browser.current()?.path;
  const isShown =
    pane === 'verifier'
      ? verifyList.isInFront || isVerdictShown(parts)
      : verifyList.isInFront
        ? verifyList.view()?.begunAt === current
        : current !== undefined && verifier.view().path === current;
  if (!isShown) {
    // A user repairs only by a verdict that is on the screen.
    messages.say(
      say`Press ${keyOf('verify')} first: it shows what differs, and ${keyOf('repair')} repairs that.`,
    );
  } else if (verifyList.isInFront) {
    repairAll(parts);
  } else {
    repair(parts);
  }
}

/** Whether the comparison on the screen found blocks to fetch, and no file has changed since. */
export function isRepairable({copy, state}: VerifierView): boolean {
  return copy !== undefined && state.name === 'compared' && !state.report.equal;
}

function repair({
  verifier,
  downloads,
  messages,
  keyOf,
}: Pick<Parts, 'verifier' | 'downloads' | 'messages' | 'keyOf'>): void {
  const {path, copy, state} = verifier.view();
  if (state.name === 'verified') {
    messages.say(say`There is nothing to repair: every block was checked when it was fetched.`);
  } else if (state.name === 'fetching') {
    messages.say(say`The file is being fetched: that replaces the blocks that differ.`);
  } else if (state.name === 'checking') {
    messages.complain(
      say`The file is still being compared: press ${keyOf('repair')} again when that has ended.`,
    );
  } else if (path === undefined || copy === undefined || state.name !== 'compared') {
    messages.complain(
      say`There is nothing to repair: press ${keyOf('verify')} on a file in the files pane.`,
    );
  } else if (state.report.equal) {
    messages.say(say`There is nothing to repair: every block is the same as on the server.`);
  } else {
    downloads.repair(path, copy);
  }
}

function repairAll({
  verifyList,
  downloads,
  messages,
  keyOf,
}: Pick<Parts, 'verifyList' | 'downloads' | 'messages' | 'keyOf'>): void {
  if (verifyList.isRunning) {
    messages.complain(
      say`The files are still being compared: wait for the end, or stop it with ${keyOf('back')}.`,
    );
    return;
  }

  const differing = verifyList.differing();
  if (differing.length === 0) {
    messages.say(
      say`There is nothing to repair: no file differs, or the repairs are queued already.`,
    );
    return;
  }

  const bytes = differing.reduce((sum, {fetchBytes}) => sum + fetchBytes, 0);
  verifyList
    .repair(differing, () => downloads.repairAll(differing))
    .then(
      () =>
        messages.say(
          say`Queued ${plural(differing.length, 'repair')}: ${formatBytes(bytes)} to fetch, equal blocks stay.`,
        ),
      (error: unknown) =>
        messages.complain(displayName(error instanceof Error ? error.message : String(error))),
    );
}
