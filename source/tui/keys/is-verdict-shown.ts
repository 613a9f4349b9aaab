import {showsVerifier} from '../model/details/details.ts';
import type {Parts} from '../model/parts.ts';

/** Whether the right pane shows the file that was compared last, so that the keys of the pane act on that file. */
export function isVerdictShown({
  browser,
  verifier,
  preview,
}: Pick<Parts, 'browser' | 'verifier' | 'preview'>): boolean {
  const current = browser.current()?.path;
  return showsVerifier(verifier.view(), {current, isPreviewed: preview.isOpen});
}
