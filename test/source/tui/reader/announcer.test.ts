import assert from 'node:assert/strict';
import {suite, type TestContext, test} from 'node:test';
import {Repainter} from '../../../../source/tui/model/repainter.ts';
import {Announcer} from '../../../../source/tui/reader/announcer.ts';
import {noise, until} from '../../../fixtures/harness.ts';
import {openApp} from '../model/open-app.ts';

const names = ['a.txt', 'b.txt', 'c.txt', 'd.txt'];
const files = Object.fromEntries(names.map(name => [name, name]));

async function startAnnouncer(
  t: TestContext,
  served: Parameters<typeof openApp>[1] = files,
  nowMs: () => number = () => performance.now(),
) {
  const {app, type, ...rest} = await openApp(t, served);
  const told: string[] = [];
  const announcer = new Announcer({
    screens: {shown: {name: 'server', app, visit: 1}, repainter: new Repainter()},
    tell: sentences => told.push(...sentences),
    nowMs,
  });
  t.after(() => announcer.close());
  await until(() => told.length > 0);
  return {
    ...{app, told, announcer, ...rest},
    /** Press keys, each of one character. */
    press(keys: string) {
      for (const key of keys) {
        type(key);
        announcer.pressed();
      }
    },
    goBack() {
      type('\u001b[27u');
      announcer.pressed();
    },
  };
}

suite('the announcer', () => {
  test('begins with the folder and the row under the cursor', async t => {
    const {told} = await startAnnouncer(t);
    assert.match(told[0] ?? '', /^Top folder of 127\.0\.0\.1:\d+, 4 entries, sorted by name\.$/);
    assert.match(told[1] ?? '', /^a\.txt, 5 B, changed .*\. 1 of 4\.$/);
    assert.equal(told.length, 2);
  });

  test('speaks only the last row over which the cursor moves', async t => {
    const {told, press} = await startAnnouncer(t);
    told.length = 0;
    press('jjj');
    await until(() => told.length > 0);
    assert.equal(told.length, 1);
    assert.match(told[0] ?? '', /^d\.txt, .* 4 of 4\.$/);
  });

  test('repeats the place after a key that changes nothing, and says nothing by itself', async t => {
    const {told, press, announcer} = await startAnnouncer(t);
    told.length = 0;
    press('k');
    await until(() => told.length > 0);
    assert.match(told.join(), /^a\.txt, .* 1 of 4\.$/);
    announcer.flush();
    assert.equal(told.length, 1);
  });

  test('speaks marks, a pane, a question and the effect of a key', async t => {
    const {told, press, goBack} = await startAnnouncer(t);
    for (const [keys, sentence] of [
      [' ', /^Marked: 1 file, 5 B\.$/m],
      ['3', /^Pane 3, Transfers, saved in .*: Nothing is queued\./m],
      ['1s', /^Sort by\.$/m],
      ['?', /^Space, Insert: mark or unmark\.$/m],
      ['/oa', /^Filter: oa$/m],
    ] as const) {
      told.length = 0;
      press(keys);
      await until(() => sentence.test(told.join('\n')));
      goBack();
    }
  });

  test('leaves a pause between sentences about transfers, and then says the present state', async t => {
    let nowMs = 0;
    const served = {'one.bin': noise(1000), 'two.bin': noise(1000)};
    const {app, told, press, announcer} = await startAnnouncer(t, served, () => nowMs);
    press('d');
    await until(() => {
      // An earlier sentence about the file may come first on a busy machine; the pause after it passes.
      nowMs += 2000;
      announcer.flush();
      return told.includes('one.bin: verified.');
    });
    told.length = 0;
    press('jd');
    await until(() => app.view().transfers.queue.done === 2);
    announcer.flush();
    assert.ok(told.every(sentence => !sentence.startsWith('two.bin: ')));
    nowMs += 2000;
    announcer.flush();
    assert.ok(told.includes('two.bin: verified.'), told.join('\n'));
  });
});
