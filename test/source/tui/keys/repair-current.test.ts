import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {suite, test} from 'node:test';
import {until} from '../../../fixtures/harness.ts';
import {openApp} from '../model/open-app.ts';

suite('R in the files', () => {
  test('repairs the file that was just compared, like R in the verifier', async t => {
    const screen = await openApp(t, {'boat.txt': 'boat'});
    const copy = join(screen.target, 'boat.txt');
    writeFileSync(copy, 'goat');
    screen.type('v');
    await until(() => screen.app.view().verifier.state.name === 'compared');
    screen.type('R');
    await until(() => screen.app.view().verifier.state.name === 'verified');
    assert.equal(readFileSync(copy, 'utf8'), 'boat');
  });

  test('asks to wait while the file is compared', async t => {
    // So long that the comparison has not ended when the test looks.
    const long = 'boat'.repeat(16 * 1_048_576);
    const screen = await openApp(t, {'boat.txt': long});
    writeFileSync(join(screen.target, 'boat.txt'), `g${long.slice(1)}`);
    screen.type('v');
    await until(() => screen.app.view().verifier.state.name === 'checking');
    screen.type('R');
    assert.equal(
      screen.app.view().message?.text,
      'The file is still being compared: press R again when that has ended.',
    );
    await until(() => screen.app.view().verifier.state.name === 'compared');
    screen.type('R');
    await until(() => screen.app.view().verifier.state.name === 'verified');
  });

  test('asks for a comparison first, even if another file was compared', async t => {
    const screen = await openApp(t, {'a.txt': 'a', 'b.txt': 'b'});
    writeFileSync(join(screen.target, 'a.txt'), 'x');
    const advice = /^Press v first: it shows what differs, and R repairs that\.$/;
    screen.type('R');
    assert.match(screen.app.view().message?.text ?? '', advice);
    screen.type('v');
    await until(() => screen.app.view().verifier.state.name === 'compared');
    screen.type('jR');
    assert.match(screen.app.view().message?.text ?? '', advice);
    assert.equal(readFileSync(join(screen.target, 'a.txt'), 'utf8'), 'x');
  });
});
