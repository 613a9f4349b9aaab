/** The state of the local copy of a file, in words of a sentence. */
import type {DisplayText} from '../../../protocol/display-text.ts';
import type {HereState} from '../model/here/here-state.ts';
import {say} from '../text/say.ts';

/** A part of the sentence about a row; undefined if there is nothing to tell. */
export function hereWords(state: HereState | undefined): DisplayText | undefined {
  const percent = state?.percent === undefined ? say`` : say`, ${state.percent} %`;
  switch (state?.name) {
    case 'same':
      return say`the same is here`;
    case 'alike':
      return say`a similar file is here, not compared`;
    case 'differs':
      return say`the file here differs`;
    case 'older':
      return say`the file here is older`;
    case 'newer':
      return say`the file here is newer`;
    case 'partial':
      return say`a part is here${percent}`;
    case 'queued':
      return say`queued`;
    case 'fetching':
      return say`downloading${percent}`;
    case 'checking':
      return say`checking${percent}`;
    case 'finishing':
      return say`saving`;
    case 'paused':
      return say`paused${percent}`;
    case 'failed':
      return say`failed`;
    case 'stuck':
      return say`the disk here does not answer`;
    case 'nothing':
    case 'unknown':
    case undefined:
      return undefined;
  }
}

/** States that come from the disk and from comparisons: no transfer tells them. */
const ofTheDisk: ReadonlySet<HereState['name'] | undefined> = new Set([
  ...(['same', 'alike', 'differs', 'older', 'newer', 'partial', 'stuck', 'nothing'] as const),
  ...(['unknown', undefined] as const),
]);

/** The new state of a file, if no other sentence tells that change; else undefined. */
export function hereNews(
  before: HereState | undefined,
  now: HereState | undefined,
): DisplayText | undefined {
  const isNews =
    before?.name !== now?.name && ofTheDisk.has(before?.name) && ofTheDisk.has(now?.name);
  if (!isNews) {
    return undefined;
  }

  const wasKnown = before !== undefined && before.name !== 'unknown' && before.name !== 'nothing';
  return now?.name === 'nothing' && wasKnown ? say`gone from here` : hereWords(now);
}
