/** Decodes the bytes of a file as text, in their most likely encoding; undefined if they are not text. */
import {isUtf8} from 'node:buffer';

export type DecodedText = {
  readonly encoding: 'UTF-8' | 'UTF-16' | 'Latin-1';
  readonly text: string;
};

/** Text may have two control characters, or this share of all characters; bytes with more are not text. */
const fewControls = 2;
const mostControls = 0.02;

/** @param isCut whether the file continues after these bytes: the last character may be incomplete. */
export function decodeText(bytes: Uint8Array, isCut: boolean): DecodedText | undefined {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    const text = new TextDecoder(first === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes, {
      stream: isCut,
    });
    return asText('UTF-16', text);
  }

  const whole = isCut ? bytes.subarray(0, wholeCharacters(bytes)) : bytes;
  if (isUtf8(whole)) {
    return asText('UTF-8', new TextDecoder('utf-8').decode(whole));
  }

  return asText('Latin-1', latin1(bytes));
}

/** Where an incomplete last character begins; the length if the last character is complete. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? bytes.length - back : bytes.length;
    }

    if (byte < 0x80) {
      break;
    }
  }

  return bytes.length;
}

/** As ISO 8859-1: each byte is the character of its number. */
function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.length; from += 8192) {
    text += String.fromCharCode(...bytes.subarray(from, from + 8192));
  }

  return text;
}

function asText(encoding: DecodedText['encoding'], text: string): DecodedText | undefined {
  let controls = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0) {
      return undefined;
    }

    controls += isControl(code) ? 1 : 0;
  }

  return controls <= Math.max(fewControls, text.length * mostControls)
    ? {encoding, text}
    : undefined;
}

/** Control characters other than tab, line feed, form feed, carriage return and escape. */
function isControl(code: number): boolean {
  return (
    (code < 0x20 && ![0x09, 0x0a, 0x0c, 0x0d, 0x1b].includes(code)) ||
    (code >= 0x7f && code < 0xa0) ||
    code === 0xfffd
  );
}
