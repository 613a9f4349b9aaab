import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {type Answer, Dialogs, type Question} from '../../../../source/tui/model/dialogs.ts';
import {Repainter} from '../../../../source/tui/model/repainter.ts';
import {say} from '../../../../source/tui/text/say.ts';

const question: Question = {
  title: say`Here already`,
  body: [],
  choices: [
    {key: 'r', label: say`Resume`, detail: say`keep what is equal`},
    {key: 'o', label: say`Overwrite`, detail: say`fetch all of it`},
  ],
  forAll: say`for all`,
};

async function answerOf(keys: readonly string[], asked = question): Promise<Answer | undefined> {
  const dialogs = new Dialogs(new Repainter());
  const answer = dialogs.ask(asked);
  for (const name of keys) {
    dialogs.press({name, text: name.length === 1 ? name : ''});
  }

  return answer;
}

suite('questions', () => {
  const cases: ReadonlyArray<[string, string[], Answer | undefined]> = [
    ['the key of a choice chooses it', ['o'], {key: 'o', forAll: false}],
    ['Enter chooses what the cursor is on', ['down', 'enter'], {key: 'o', forAll: false}],
    ['the cursor goes round', ['up', 'enter'], {key: 'o', forAll: false}],
    ['a makes it the answer for all', ['a', 'r'], {key: 'r', forAll: true}],
    ['a twice takes that back', ['a', 'a', 'r'], {key: 'r', forAll: false}],
    ['with Shift it is the answer for all', ['O'], {key: 'o', forAll: true}],
    ['Escape is no answer', ['down', 'escape'], undefined],
    ['other keys do nothing', ['q', 'x', '1', 'r'], {key: 'r', forAll: false}],
  ];
  for (const [what, keys, expected] of cases) {
    test(what, async () => {
      assert.deepEqual(await answerOf(keys), expected);
    });
  }

  test('y means yes if n is the only other answer, and nothing if there are more answers', async () => {
    const [yes, no] = [
      {key: 'q', label: say`Quit`, detail: say``},
      {key: 'n', label: say`Stay`, detail: say``},
    ];
    const quit = {title: say`Quit?`, body: [], choices: [yes, no]};
    assert.deepEqual(await answerOf(['y'], quit), {key: 'q', forAll: false});
    assert.deepEqual(await answerOf(['y'], {...quit, choices: [no, yes]}), {
      key: 'q',
      forAll: false,
    });
    const [resume] = question.choices;
    assert.ok(resume);
    const three = {...quit, choices: [resume, yes, no]};
    assert.equal((await answerOf(['y', 'n'], three))?.key, 'n');
    assert.equal((await answerOf(['y', 'o']))?.key, 'o');
  });

  test('a question can begin on another choice than the first', async () => {
    assert.equal((await answerOf(['enter'], {...question, preset: 'o'}))?.key, 'o');
  });

  test('a second question waits for the first', async () => {
    const dialogs = new Dialogs(new Repainter());
    const first = dialogs.ask(question);
    const second = dialogs.ask({...question, title: say`Another`});
    assert.equal(dialogs.view()?.title, 'Here already');
    dialogs.press({name: 'r', text: 'r'});
    assert.equal(dialogs.view()?.title, 'Another');
    dialogs.press({name: 'escape', text: ''});
    assert.equal(dialogs.view(), undefined);
    assert.deepEqual([(await first)?.key, await second], ['r', undefined]);
  });

  /** A late question, and its clock. */
  function askLate({isTyping, keys = 0}: {isTyping?: () => boolean; keys?: number} = {}) {
    let now = 1000;
    const dialogs = new Dialogs(new Repainter(), {...(isTyping && {isTyping}), nowMs: () => now});
    const cause = dialogs.keys;
    for (let key = 0; key < keys; key++) {
      dialogs.used();
    }

    const answer = dialogs.ask(question, cause);
    const press = (name: string) => dialogs.press({name, text: name});
    const pass = (ms: number) => {
      now += ms;
    };
    return {dialogs, answer, press, pass};
  }

  test('a late question takes no key that was pressed before the user could read it', async () => {
    const {dialogs, answer, press, pass} = askLate({keys: 1});
    assert.equal(dialogs.view()?.title, 'Here already');
    assert.equal(press('o'), true);
    pass(399);
    assert.equal(press('enter'), true);
    assert.equal(dialogs.isOpen, true);
    pass(1);
    press('r');
    assert.deepEqual(await answer, {key: 'r', forAll: false});
  });

  test('a late question takes keys at once if no key was pressed since its cause, and Escape always', async () => {
    const waited = askLate();
    waited.dialogs.view();
    waited.press('o');
    assert.equal((await waited.answer)?.key, 'o');
    const surprised = askLate({keys: 1});
    surprised.dialogs.view();
    surprised.press('escape');
    assert.equal(await surprised.answer, undefined);
  });

  test('a late question waits until a typed line is closed, and other questions do not wait for it', async () => {
    let typing = true;
    const {dialogs, answer, press, pass} = askLate({isTyping: () => typing, keys: 1});
    assert.deepEqual([dialogs.isOpen, dialogs.view(), press('o')], [false, undefined, false]);
    const quit = dialogs.ask({...question, title: say`Quit?`});
    assert.equal(dialogs.view()?.title, 'Quit?');
    press('r');
    assert.deepEqual([(await quit)?.key, dialogs.isOpen], ['r', false]);
    typing = false;
    assert.equal(dialogs.view()?.title, 'Here already');
    press('o');
    assert.equal(dialogs.isOpen, true);
    pass(400);
    press('o');
    assert.equal((await answer)?.key, 'o');
  });

  test('a question is updated, and closes when it no longer has a subject', async () => {
    const repainter = new Repainter();
    const dialogs = new Dialogs(repainter);
    let left = 2;
    const changed = async (): Promise<void> => {
      repainter.now();
      await Promise.resolve();
    };
    const answer = dialogs.ask({
      ...question,
      body: () => [say`Running: ${left}`],
      isMoot: () => left === 0,
    });
    const before = dialogs.view();
    assert.deepEqual(before?.body, ['Running: 2']);
    await changed();
    assert.equal(dialogs.view(), before);
    left = 1;
    await changed();
    assert.deepEqual(dialogs.view()?.body, ['Running: 1']);
    left = 0;
    await changed();
    assert.equal(dialogs.view(), undefined);
    assert.equal(await answer, undefined);
  });
});
