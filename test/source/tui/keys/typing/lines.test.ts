import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {until} from '../../../../fixtures/harness.ts';
import {openApp} from '../../model/open-app.ts';

suite('lines that narrow and mark a folder', () => {
  test('a filter is a part of the name, or after a space letters in their order', async t => {
    const screen = await openApp(t, {'barco.jpg': '', 'boneco.jpg': '', 'mar.txt': ''});
    screen.type('/ BRG');
    assert.deepEqual(screen.names(), ['barco.jpg']);
    screen.type('\u007f\u007f\u007fbo');
    assert.deepEqual(screen.names(), ['barco.jpg', 'boneco.jpg']);
    screen.type('\u0015bo');
    assert.deepEqual(screen.names(), ['boneco.jpg']);
  });

  test('a filter says how many entries it shows, and how many marks it hides', async t => {
    const screen = await openApp(t, {'barco.jpg': '', 'boneco.jpg': '', 'mar.txt': ''});
    screen.type('a/jpg');
    assert.match(screen.app.view().prompt?.hint ?? '', /^2 of 3 match, 1 marked one hidden\./);
    screen.type('\u0015a');
    assert.match(screen.app.view().prompt?.hint ?? '', /^2 of 3 match, 1 marked one hidden\./);
    screen.type('\u0015');
    assert.match(screen.app.view().prompt?.hint ?? '', /Enter keeps it/);
  });

  test('+ and - count the matches of a mask before they mark or unmark them', async t => {
    const screen = await openApp(t, {'a.jpg': 'xx', 'b.jpg': 'yyy', 'c.txt': 'z', 'd.jpg/e': ''});
    screen.type('+*.jpg');
    await until(() => /^3 entries, 5 B here/.test(screen.app.view().prompt?.hint ?? ''));
    assert.equal(screen.app.view().files.marks.files, 0);
    screen.type('\r');
    await until(() => screen.app.view().prompt === undefined);
    assert.deepEqual(screen.app.view().files.marks, {files: 2, folders: 1, bytes: 5});
    assert.match(screen.app.view().message?.text ?? '', /Marked 3 entries, 5 B\./);
    screen.type('-b*\r');
    await until(() => screen.app.view().files.marks.files === 1);
    screen.type('+nothing*\r');
    await until(() => /matches nothing\*/.test(screen.app.view().prompt?.complaint ?? ''));
    screen.type('\u0015{a\r');
    await until(() => /is not a valid mask/.test(screen.app.view().prompt?.complaint ?? ''));
  });

  test('the name of an entry that looks like a mask marks only that entry', async t => {
    const screen = await openApp(t, {'[ab].txt': 'xx', 'a.txt': '', 'b.txt': '', '{c,d}': ''});
    screen.type('+[ab].txt');
    await until(() => /^1 entry, 2 B here/.test(screen.app.view().prompt?.hint ?? ''));
    screen.type('\r');
    await until(() => screen.app.view().files.marks.files === 1);
    assert.deepEqual(
      screen.app.view().files.marked,
      screen.names().map(name => name === '[ab].txt'),
    );
    screen.type('+[a]*\r');
    await until(() => screen.app.view().files.marks.files === 2);
  });

  test('keys after an Enter whose answer takes time are pressed when the answer has arrived', async t => {
    const screen = await openApp(t, {'a.jpg': '', 'b.jpg': '', 'c.txt': ''});
    screen.type('+*.jpg\rG *');
    await until(() => screen.app.view().files.marks.files === 0);
  });

  test('\\ unmarks all, and S reverses the order', async t => {
    const screen = await openApp(t, {a: '', b: '', c: ''});
    const shows = (names: string) => until(() => screen.names().join() === names);
    screen.type('aS');
    await shows('c,b,a');
    assert.equal(screen.app.view().files.marks.files, 3);
    screen.type('\\S');
    await shows('a,b,c');
    assert.equal(screen.app.view().files.marks.files, 0);
  });
});
