import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {complete, turned} from '../../../../../source/tui/model/typing/completion.ts';

const line = (text: string) => ({text, caret: text.length});

suite('completing a line', () => {
  test('takes the only choice, and keeps the text behind the caret', () => {
    const completed = complete({text: 'go fo!', caret: 5}, {from: 3, choices: ['fotos/']});
    assert.deepEqual(completed.line, {text: 'go fotos/!', caret: 9});
    assert.equal(completed.offer, undefined);
  });

  test('takes the common part of all choices, and then each choice, forwards and backwards', () => {
    const choices = ['sail.txt', 'salt', 'sand'];
    const first = complete(line('s'), {from: 0, choices});
    assert.equal(first.line.text, 'sa');
    assert.equal(first.offer, 'sail.txt  salt  sand');
    let last = first;
    const turn = (by: 1 | -1) => {
      last = turned(last.cycle ?? assert.fail('there are several'), by);
      return last.line.text;
    };
    assert.deepEqual([turn(1), turn(1), turn(1), turn(1)], [...choices, 'sail.txt']);
    assert.equal(turn(-1), 'sand');
    assert.equal(last.offer, 'sand  sail.txt  salt');
    last = first;
    assert.equal(turn(-1), 'sand');
  });

  test('does not change letters that no choice has, and reports that no choice begins with them', () => {
    const completed = complete(line('SX'), {from: 0, choices: ['sxa', 'Sxb']});
    assert.equal(completed.line.text, 'SX');
    assert.match(complete(line('x'), {from: 0, choices: []}).offer ?? '', /No name here/);
  });
});
