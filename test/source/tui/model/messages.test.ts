import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {Messages} from '../../../../source/tui/model/messages.ts';
import {Repainter} from '../../../../source/tui/model/repainter.ts';
import {say} from '../../../../source/tui/text/say.ts';

suite('messages', () => {
  test('a message has its age, and stays one object until the age changes', t => {
    let nowMs = 1000;
    const messages = new Messages(new Repainter(), () => nowMs);
    t.after(() => messages.close());
    messages.say(say`Queued.`);
    const fresh = messages.current;
    nowMs += 900;
    assert.equal(messages.current, fresh);
    nowMs += 1300;
    assert.equal(messages.current?.ageSeconds, 2);
    assert.equal(messages.current, messages.current);
  });

  test('a key removes a message after it could be read, and not before', t => {
    let nowMs = 1000;
    const messages = new Messages(new Repainter(), () => nowMs);
    t.after(() => messages.close());
    messages.complain(say`That did not work.`);
    nowMs += 500;
    messages.read();
    assert.equal(messages.current?.tone, 'bad');
    nowMs += 3000;
    messages.read();
    assert.equal(messages.current, undefined);
  });

  test('a message ends by itself, and a message that replaces it has its whole time', t => {
    t.mock.timers.enable({apis: ['setTimeout']});
    const messages = new Messages(new Repainter(), () => 0);
    messages.say(say`Queued.`);
    t.mock.timers.tick(6000);
    messages.say(say`Queued more.`);
    t.mock.timers.tick(6000);
    assert.equal(messages.current?.text, 'Queued more.');
    t.mock.timers.tick(2000);
    assert.equal(messages.current, undefined);
    messages.complain(say`That did not work.`);
    t.mock.timers.tick(14_000);
    assert.notEqual(messages.current, undefined);
    t.mock.timers.tick(1000);
    assert.equal(messages.current, undefined);
  });
});
