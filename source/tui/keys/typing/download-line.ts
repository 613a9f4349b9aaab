/** The line for masks whose matches are downloaded; they are counted first. */
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import {maskFault, onlyExcludes} from '../../model/finding/find-masks.ts';
import {TreeTally} from '../../model/finding/tree-tally.ts';
import type {Parts} from '../../model/parts.ts';
import {wordsOf} from '../../model/typing/words.ts';
import {formatBytes, plural} from '../../text/format.ts';
import {say} from '../../text/say.ts';

type Used = Pick<
  Parts,
  'browser' | 'remote' | 'prompt' | 'downloads' | 'dialogs' | 'messages' | 'repainter'
>;

export function typeDownload(parts: Used): void {
  const {browser, prompt} = parts;
  const {path} = browser;
  let tally: TreeTally | undefined;
  const count = (text: string): TreeTally | undefined => {
    tally?.stop();
    tally = tallyOf(parts, path, text);
    return tally;
  };
  // The number beside the line in its last picture, also while counting goes on.
  let shown: string | undefined;
  let wasSeen = false;
  prompt.open({
    label: say`Download by mask:`,
    hint: say`*.jpg here, **/*.jpg below too, !old/** leaves out. Esc goes back`,
    text: '',
    note() {
      shown = tally && wordsFor(tally);
      return tally && noteOf(tally);
    },
    onChange: count,
    async check(text) {
      const masks = masksOf(text);
      const fault = onlyExcludes(masks) ?? maskFault(masks);
      if (masks.length === 0 || fault !== undefined) {
        return fault;
      }

      const hasEnded = tally?.end === 'counted' || tally?.end === 'cut';
      const counted = hasEnded || tally?.end === undefined ? tally : count(text);
      await counted?.ended;
      wasSeen = hasEnded || (counted !== undefined && shown === wordsFor(counted));
      return counted && faultOf(counted, masks, path);
    },
    onEnter(text) {
      if (tally !== undefined) {
        void download(parts, {masks: masksOf(text), tally, wasSeen});
      }
    },
    onEscape: () => tally?.stop(),
  });
}

const masksOf = (text: string): string[] => wordsOf(text).map(({text}) => text);

/** @returns undefined for text whose matches cannot be counted. */
function tallyOf({remote, repainter}: Used, path: RemotePath, text: string): TreeTally | undefined {
  const masks = masksOf(text);
  const isWhole = masks.length > 0 && (onlyExcludes(masks) ?? maskFault(masks)) === undefined;
  return isWhole ? new TreeTally({masks, path, server: remote, repainter}) : undefined;
}

/** Download the counted files. A number that the user has not seen is shown first. */
async function download(
  {downloads, dialogs, messages}: Used,
  {masks, tally, wasSeen}: {masks: readonly string[]; tally: TreeTally; wasSeen: boolean},
): Promise<void> {
  const {path} = tally;
  const answer = wasSeen
    ? undefined
    : await dialogs.ask({
        title: say`Download ${wordsFor(tally)}?`,
        body: [
          say`All files in ${displayName(`/${path}`)} that match ${displayName(masks.join(' '))}.`,
        ],
        choices: [
          {key: 'd', label: say`Download`, detail: say`queue them`},
          {key: 'n', label: say`Not now`, detail: say`go back`},
        ],
      });
  if (wasSeen || answer?.key === 'd') {
    downloads.fetchMatching(masks, path);
  } else {
    messages.say(say`Stopped; nothing was queued.`);
  }
}

function noteOf(tally: TreeTally): DisplayText {
  switch (tally.end) {
    case undefined:
      return tally.files === 0 ? say`counting...` : say`counting: ${wordsFor(tally)} so far`;
    case 'failed':
    case 'stopped':
      return say`it could not be counted`;
    case 'cut':
    case 'counted':
      return say`${wordsFor(tally)}. Enter downloads, Esc goes back`;
  }
}

/** `12 files, 3 MB`, and what else is known of them. */
function wordsFor({files, bytes, unsearched, end}: TreeTally): DisplayText {
  const more = end === 'cut' ? say`over ` : say``;
  const left = unsearched === 0 ? say`` : say`, ${plural(unsearched, 'place')} not searched`;
  return say`${more}${plural(files, 'file')}, ${formatBytes(bytes)}${left}`;
}

function faultOf(
  {end, error, files}: TreeTally,
  masks: readonly string[],
  path: Parts['browser']['path'],
): DisplayText | undefined {
  if (end === 'failed') {
    return displayName(error instanceof Error ? error.message : String(error));
  }

  const advice = masks.some(mask => mask.includes('**'))
    ? say``
    : say` In folders below, too: **/*.jpg`;
  return end === 'counted' && files === 0
    ? say`Nothing in ${displayName(`/${path}`)} matches.${advice}`
    : undefined;
}
