import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {
  Background,
  backgroundQuestion,
  isLightColour,
} from '../../../../source/tui/terminal/background.ts';

suite('the background of the terminal', () => {
  const cases: ReadonlyArray<readonly [string, boolean | undefined]> = [
    ['rgb:ffff/ffff/ffff', true],
    ['rgb:fd/f6/e3', true],
    ['rgb:f/f/f', true],
    ['rgba:ffff/ffff/ffff/ffff', true],
    ['rgb:0000/0000/0000', false],
    ['rgb:00/2b/36', false],
    // A bright blue looks dark.
    ['rgb:0000/0000/ffff', false],
    ['rgb:ffff/ffff', undefined],
    ['rgb:fffff/ffff/ffff', undefined],
    ['rgb:', undefined],
  ];
  for (const [colour, light] of cases) {
    test(`${colour} is ${light === undefined ? 'none' : light ? 'light' : 'dark'}`, () => {
      assert.equal(isLightColour(colour), light);
    });
  }

  test('is requested with one whole sequence, and an answer is due until it arrives', async () => {
    const written: string[] = [];
    const background = new Background(sequence => written.push(sequence));
    assert.equal(background.isDue, false);
    await background.settled();
    background.ask();
    assert.deepEqual(written, [backgroundQuestion]);
    assert.equal(background.isDue, true);
    const settled = background.settled();
    assert.equal(background.answer('rgb:ffff/ffff/ffff'), true);
    await settled;
    assert.equal(background.isDue, false);
  });

  test('a terminal that never answers delays the end only for a moment', async () => {
    const background = new Background(() => undefined);
    background.ask();
    await background.settled();
    assert.equal(background.isDue, false);
  });
});
