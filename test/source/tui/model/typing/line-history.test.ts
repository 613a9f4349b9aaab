import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {LineHistory} from '../../../../../source/tui/model/typing/line-history.ts';

suite('the history of typed lines', () => {
  test('has the last line first, and each line once', () => {
    const history = new LineHistory();
    for (const line of ['list', 'sget a', 'list']) {
      history.add(line);
    }

    assert.deepEqual(history.lines(), ['list', 'sget a']);
  });

  test('has no line that begins with a space, is empty or long, or has control characters', () => {
    const history = new LineHistory();
    for (const line of ['', ' secret', 'a\nb', 'x'.repeat(1001), 'x\ud800']) {
      history.add(line);
    }

    assert.deepEqual(history.lines(), []);
  });

  test('keeps the last 500 lines, including those of other processes', () => {
    let kept: readonly string[] = [];
    const file = {
      read: () => [...kept],
      change(edit: (lines: readonly string[]) => readonly string[]) {
        kept = edit(kept);
      },
    };
    const history = new LineHistory(file);
    for (let index = 0; index < 600; index++) {
      history.add(`sget ${index}`);
    }

    new LineHistory(file).add('from another');
    assert.deepEqual(history.lines().slice(0, 2), ['from another', 'sget 599']);
    assert.equal(history.lines().length, 500);
  });
});
