/** The limits of the queue: a dialog that shows them, and a line to type a new one. */
import {displayName} from '../../../../protocol/display-text.ts';
import {parseRate} from '../../../../protocol/program/parse-rate.ts';
import {isLimit, type LimitName} from '../../../transfers/terms/limits.ts';
import type {Parts} from '../../model/parts.ts';
import {formatSpeed, formatTypedRate} from '../../text/format.ts';
import {say} from '../../text/say.ts';

type Limit = {
  readonly name: LimitName;
  readonly key: string;
  readonly label: ReturnType<typeof say>;
  readonly detail: ReturnType<typeof say>;
  readonly accepted: ReturnType<typeof say>;
};

const limits: readonly Limit[] = [
  {
    name: 'files',
    key: 'f',
    label: say`Files at once`,
    detail: say`small files that are fetched together count as one`,
    accepted: say`a number from 1 to 16`,
  },
  {
    name: 'connectionsPerFile',
    key: 'c',
    label: say`Connections for one file`,
    detail: say`large files use several at once`,
    accepted: say`a number from 1 to 16`,
  },
  {
    name: 'bytesPerSecond',
    key: 's',
    label: say`Speed in all`,
    detail: say`of all connections together`,
    accepted: say`500k, 10M or none`,
  },
];

type Used = Pick<Parts, 'queue' | 'dialogs' | 'prompt' | 'messages'>;

/** Show the limits, and let the user change one. */
export async function changeLimits(parts: Used): Promise<void> {
  const {queue, dialogs} = parts;
  const answer = await dialogs.ask({
    title: say`Limits`,
    body: [
      queue.isKept
        ? say`New limits count at once, for all clients that share this queue.`
        : say`New limits count at once, until this program ends.`,
    ],
    choices: limits.map(({name, key, label, detail}) => ({
      key,
      label: say`${label}: ${valueText(name, queue.limits[name])}`,
      detail,
    })),
  });
  const chosen = limits.find(({key}) => key === answer?.key);
  if (chosen !== undefined) {
    typeLimit(parts, chosen);
  }
}

function typeLimit(parts: Used, {name, label, accepted}: Limit): void {
  const {queue, prompt, messages} = parts;
  const current = queue.limits[name];
  const now = name === 'bytesPerSecond' ? formatTypedRate(current) : displayName(`${current}`);
  prompt.open({
    label: say`${label}:`,
    hint: say`now ${now}; ${accepted}, Enter sets it, Esc goes back`,
    // The typed limit replaces the present one; the line begins empty.
    text: '',
    check: text =>
      parseLimit(name, text) === undefined
        ? say`'${displayName(text)}' is invalid: type ${accepted}.`
        : undefined,
    onEnter(text) {
      const parsed = parseLimit(name, text);
      if (parsed !== undefined) {
        queue.limits = {...queue.limits, [name]: parsed.value};
        messages.say(say`${label}: ${valueText(name, parsed.value)}.`);
      }
    },
    onEscape: () => void changeLimits(parts),
  });
}

/** The typed limit of that name; undefined if it is invalid. */
function parseLimit(name: LimitName, text: string): {value: number | undefined} | undefined {
  const typed = text.replaceAll(/\s/g, '');
  if (name === 'bytesPerSecond') {
    const value = parseRate(typed);
    return value === undefined && typed.toLowerCase() !== 'none' ? undefined : {value};
  }

  const value = /^\d+$/.test(typed) ? Number(typed) : undefined;
  return isLimit(name, value) ? {value} : undefined;
}

function valueText(name: LimitName, value: number | undefined) {
  return name !== 'bytesPerSecond' || value === undefined
    ? displayName(value === undefined ? 'no limit' : `${value}`)
    : formatSpeed(value);
}
