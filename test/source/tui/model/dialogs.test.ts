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
