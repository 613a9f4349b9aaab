import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {displayName} from '../../../../protocol/display-text.ts';
import type {DialogView} from '../../../../source/tui/model/dialogs.ts';
import type {Message} from '../../../../source/tui/model/messages.ts';
import type {PromptView} from '../../../../source/tui/model/typing/prompt.ts';
import {
  dialogPlace,
  dialogSentences,
  keySentence,
  messageSentences,
  promptSentences,
} from '../../../../source/tui/reader/question-sentences.ts';

const dialog: DialogView = {
  title: displayName('Quit?'),
  body: [displayName('Running: 1 transfer.')],
  choices: [
    {key: 'q', label: displayName('Quit'), detail: displayName('stop the transfers')},
    {key: 'n', label: displayName('Stay'), detail: displayName('go on')},
  ],
  cursor: 0,
  all: false,
};

const prompt: PromptView = {
  ...{text: 'oa', caret: 2, placing: 0, isHalf: false, complaint: undefined},
  ...{label: displayName('Filter:'), hint: displayName('Enter keeps it')},
};

suite('sentences about questions and typed lines', () => {
  test('a question is said with all its answers and their keys', () => {
    assert.deepEqual(dialogSentences(undefined, dialog), [
      'Quit?',
      'Running: 1 transfer.',
      'q: Quit, stop the transfers.',
      'n: Stay, go on.',
      'Answer with one of the keys q, n. Enter takes Quit. Escape goes back.',
    ]);
  });

  test('after a move among its answers only the new answer is said', () => {
    assert.deepEqual(dialogSentences(dialog, {...dialog, cursor: 1}), ['n: Stay, go on.']);
    assert.deepEqual(dialogSentences(dialog, dialog), []);
    assert.equal(dialogPlace({...dialog, cursor: 1}).length, 2);
  });

  test('the switch for all further questions is said', () => {
    const many = {...dialog, forAll: displayName('the same for all')};
    assert.ok(dialogSentences(undefined, many).includes(displayName('a: the same for all.')));
    assert.deepEqual(dialogSentences(many, {...many, all: true}), ['the same for all: yes.']);
  });

  test('a typed line is said as it is, with its new words', () => {
    assert.deepEqual(promptSentences(undefined, prompt), ['Filter: oa', 'Enter keeps it.']);
    assert.deepEqual(promptSentences(prompt, {...prompt, text: 'oar', caret: 3}), ['Filter: oar']);
    assert.deepEqual(promptSentences(prompt, {...prompt, text: '', caret: 0}), ['Filter: empty']);
    assert.deepEqual(promptSentences(prompt, {...prompt, hint: displayName('2 match')}), [
      '2 match.',
    ]);
    const complaint = displayName('There is no /oa');
    assert.deepEqual(promptSentences(prompt, {...prompt, complaint}), ['There is no /oa.']);
  });

  test('if only the caret has moved, the character at the caret is said as a whole', () => {
    const line = {...prompt, text: 'a👩‍👩‍👧', caret: 0};
    assert.deepEqual(promptSentences(line, {...line, caret: 1}), ['At 👩‍👩‍👧.']);
    assert.deepEqual(promptSentences(line, {...line, caret: line.text.length}), ['At the end.']);
  });

  test('typed and pasted text cannot control the terminal', () => {
    assert.deepEqual(promptSentences(prompt, {...prompt, text: 'a\u202e\u001b[2J'}), [
      'Filter: a\\u{202e}\\x1b[2J',
    ]);
  });

  test('a message is new once, and again when it is repeated', () => {
    const message: Message = {text: displayName('Queued.'), tone: 'plain', ageSeconds: 3};
    const told = (before: Message | undefined, now: Message | undefined) =>
      messageSentences(before, now).length;
    assert.equal(told(undefined, message), 1);
    assert.equal(told(message, message), 0);
    assert.equal(told(message, {...message, ageSeconds: 4}), 0, 'it is older alone');
    assert.equal(told(message, {...message, ageSeconds: 0}), 1);
    assert.equal(told(message, undefined), 0);
  });

  test('special characters among the keys have names', () => {
    const keys = ['*', 'up', 'ctrl-a', 'pageup'];
    assert.equal(
      keySentence({keys, text: displayName('mark')}),
      '* star, Up, Ctrl-A, Page Up: mark.',
    );
  });
});
