/** A thread that matches names. A mask may keep it busy for ever; `Matcher` then ends the thread. */
import {parentPort} from 'node:worker_threads';
import {MaskJudge} from '../../../../protocol/masks/mask-judge.ts';
import {prepareMasks} from '../../../../protocol/masks/masks.ts';
import type {MatchAnswer, MatchTask} from './match-messages.ts';

/** The masks of the last task; all tasks of one search have the same masks. */
let last: {masks: string; judge: MaskJudge} | undefined;

parentPort?.on('message', ({masks, names, folders}: MatchTask) => {
  const judge = judgeOf(masks);
  const answer: MatchAnswer = Uint8Array.from(names, (name, index) =>
    judge.matches(name, folders[index] ? 'folder' : 'file') ? 1 : 0,
  );
  parentPort?.postMessage(answer);
});

parentPort?.postMessage('ready');

function judgeOf(masks: readonly string[]): MaskJudge {
  const key = JSON.stringify(masks);
  if (last?.masks !== key) {
    last = {masks: key, judge: new MaskJudge(prepareMasks(masks))};
  }

  return last.judge;
}
