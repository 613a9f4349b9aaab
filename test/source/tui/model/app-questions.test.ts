import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {suite, test} from 'node:test';
import {noise, until} from '../../../fixtures/harness.ts';
import {openApp} from './open-app.ts';

suite('typed lines and questions, without the view', () => {
  test('a damaged copy is shown block by block, and R repairs it', async t => {
    const content = noise(3_500_000);
    const screen = await openApp(t, {'f.bin': content});
    const damaged = Buffer.from(content.subarray(0, 2_500_000));
    damaged[10] = (damaged[10] ?? 0) ^ 1;
    writeFileSync(join(screen.target, 'f.bin'), damaged);
    screen.type('v');
    await until(() => screen.app.view().verifier.state.name === 'compared');
    const {state} = screen.app.view().verifier;
    assert.ok(state.name === 'compared');
    assert.deepEqual([state.report.good, state.report.equal], [1, false]);
    screen.type('2R');
    await until(() => screen.app.view().transfers.queue.done === 1);
    screen.type('v');
    await until(() => {
      const {state} = screen.app.view().verifier;
      return state.name === 'compared' && state.report.equal;
    });
    assert.deepEqual(readFileSync(join(screen.target, 'f.bin')), content);
  });

  test('digests up to a typed position', async t => {
    const screen = await openApp(t, {f: 'abcdef'});
    writeFileSync(join(screen.target, 'f'), 'abcxyz');
    screen.type('v');
    await until(() => screen.app.view().verifier.state.name === 'compared');
    const hashed = async (position: string) => {
      screen.type(`2p${position}\r`);
      await until(() => screen.app.view().verifier.hash.name === 'hashed');
      const {hash} = screen.app.view().verifier;
      assert.ok(hash.name === 'hashed');
      return hash;
    };
    assert.equal((await hashed('3')).equal, true);
    const whole = await hashed('');
    assert.deepEqual([whole.equal, whole.localLength, whole.remoteLength], [false, 6, 6]);
    screen.type('2pmuch\r');
    assert.match(screen.app.view().prompt?.complaint ?? '', /Invalid position/);
  });

  test('a file without a local copy is reported', async t => {
    const screen = await openApp(t, {f: 'abc'});
    screen.type('v');
    await until(() => screen.app.view().verifier.state.name === 'absent');
  });

  test('a filter shows its matches while it is typed, and Escape shows all entries again', async t => {
    const screen = await openApp(t, {'barco.jpg': '', 'boneco.jpg': '', 'mar.txt': ''});
    screen.type('/JPG');
    assert.deepEqual(screen.names(), ['barco.jpg', 'boneco.jpg']);
    screen.type('q');
    assert.deepEqual(screen.names(), []);
    screen.type('\u007f\r');
    assert.deepEqual(screen.names(), ['barco.jpg', 'boneco.jpg']);
    screen.app.press({name: 'escape', text: ''});
    assert.equal(screen.names().length, 3);
  });

  test('pasted text goes into the typed line, and nowhere else', async t => {
    const screen = await openApp(t, {'d-one': '', two: ''});
    screen.app.paste('d');
    assert.equal(screen.app.view().transfers.queue.total, 0);
    screen.type('/');
    screen.app.paste('tw\u001b[A\nd');
    screen.type('\u0015tw\r');
    assert.deepEqual(screen.names(), ['two']);
  });

  test('L shows the limits; a typed limit applies, and a wrong one is explained and not lost', async t => {
    const screen = await openApp(t, {a: ''});
    const labels = () => screen.app.view().dialog?.choices.map(({label}) => label);
    const prompt = () => screen.app.view().prompt;
    const pressEscape = () => screen.app.press({name: 'escape', text: ''});
    screen.type('L');
    assert.deepEqual(labels(), [
      'Files at once: 4',
      'Connections for one file: 4',
      'Speed in all: no limit',
    ]);
    screen.type('s');
    await until(() => prompt() !== undefined);
    assert.match(prompt()?.hint ?? '', /^now none; 500k, 10M or none, Enter/);
    screen.type('fast\r');
    assert.match(prompt()?.complaint ?? '', /'fast' is invalid: type 500k, 10M or none/);
    assert.equal(screen.queue.limits.bytesPerSecond, undefined);
    // The typed text stays, so that it can be corrected.
    assert.equal(prompt()?.text, 'fast');
    screen.type('\u007f');
    assert.equal(prompt()?.complaint, undefined);
    screen.type('\u0015 1.5 M\r');
    assert.equal(prompt(), undefined);
    assert.equal(screen.queue.limits.bytesPerSecond, 1_500_000);
    assert.equal(screen.client.bytesPerSecond, 1_500_000);
    assert.match(screen.app.view().message?.text ?? '', /Speed in all: 1\.5 MB\/s\./);

    screen.type('Lf');
    await until(() => prompt() !== undefined);
    for (const wrong of ['0', '17', '1.5', 'none', '', '-1']) {
      screen.type(`\u0015${wrong}\r`);
      assert.match(prompt()?.complaint ?? '', /a number from 1 to 16/, wrong);
    }

    screen.type('\u00152\r');
    assert.deepEqual(screen.queue.limits, {
      files: 2,
      connectionsPerFile: 4,
      bytesPerSecond: 1_500_000,
    });
    screen.type('Lc');
    await until(() => prompt() !== undefined);
    // Escape goes back to the dialog, and changes nothing.
    pressEscape();
    await until(() => screen.app.view().dialog !== undefined);
    assert.equal(labels()?.[2], 'Speed in all: 1.5 MB/s');
    pressEscape();
    assert.deepEqual([screen.app.view().dialog, prompt()], [undefined, undefined]);
    screen.type('Ls');
    await until(() => prompt() !== undefined);
    assert.equal(prompt()?.text, '');
    assert.match(prompt()?.hint ?? '', /^now 1500k; /);
    screen.type('none\r');
    assert.equal(screen.queue.limits.bytesPerSecond, undefined);
  });

  test('quitting without running work asks nothing', async t => {
    const screen = await openApp(t, {a: ''});
    screen.type('q');
    await screen.app.left;
  });

  test('a question about running work closes with a message when the work has ended', async t => {
    const screen = await openApp(t, {a: noise(3 * 1_048_576)}, {server: {limit: 1_500_000}});
    const {app, queue} = screen;
    for (const [ask, done] of [
      ['q', /^All transfers have ended meanwhile: q leaves at once\.$/],
      ['3x', /^a has ended meanwhile: there is nothing to cancel\.$/],
    ] as const) {
      screen.type('d');
      await until(() => queue.totals().active === 1);
      screen.type(ask);
      const first = app.view().dialog?.body;
      assert.notEqual(first, undefined);
      queue.cancel(queue.snapshot().rows.at(-1)?.id ?? 0);
      await until(() => done.test(app.view().message?.text ?? ''));
      assert.equal(app.view().dialog, undefined);
      screen.type('1');
    }
  });

  test('quitting during work finishes the arriving block; Ctrl-C does not wait', async t => {
    for (const waits of [true, false]) {
      const limit = 1_500_000;
      const content = noise(6 * 1_048_576);
      const screen = await openApp(t, {a: content}, {server: {limit}});
      const {app, queue, target} = screen;
      const finish = queue.finishInHand.bind(queue);
      // Longer than by default, for a busy machine.
      t.mock.method(queue, 'finishInHand', () => finish(60_000));
      const verified = () => queue.snapshot().rows[0]?.verifiedBytes ?? 0;
      screen.type('d');
      await until(() => verified() >= 1_048_576);
      const before = verified();
      screen.type('q');
      assert.match(app.view().dialog?.title ?? '', /Quit/);
      screen.type('q');
      await until(() => /Finishing.*Ctrl-C/.test(app.view().message?.text ?? ''));
      // Other keys no longer have an effect.
      screen.type('?');
      assert.equal(app.view().help, undefined);
      if (!waits) {
        screen.type('\u0003');
      }

      await app.left;
      assert.equal(queue.snapshot().active, waits ? 0 : 1);
      assert.ok(!waits || verified() > before);
      await queue[Symbol.asyncDispose]();
      const partial = readFileSync(join(target, 'a.jangada-part'));
      assert.ok(partial.equals(content.subarray(0, verified())));
    }
  });
});
