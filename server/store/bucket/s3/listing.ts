/** The answer to ListObjectsV2, and errors: XML of the service, checked. */
import {SaxesParser} from 'saxes';
import * as z from 'zod';
import {unescapedKey} from './keys-in-urls.ts';
import {odd} from './s3-errors.ts';

/** An object, or with `folder` what the keys of some objects have in common. */
export type Listed = ListedObject | {kind: 'folder'; key: string};

export type ListedObject = {kind: 'object'; key: string; size: number; mtimeMs: number};

export type KeyPage = {
  /** In the order of the keys' bytes. Keys that are not UTF-8 are left out. */
  items: Listed[];
  /** Asks for the next page; undefined: this is the last one. */
  next: string | undefined;
};

/** Keys in one page, at most. */
export const pageKeys = 1000;

/** A page has 1,000 keys of 1,024 bytes at most, each byte escaped with three. */
export const mostXmlBytes = 8_388_608;

const contents = z.object({
  Key: z.string(),
  Size: z.string().regex(/^\d{1,15}$/),
  LastModified: z.string(),
});

const result = z.object({
  Contents: z.array(contents).max(pageKeys),
  CommonPrefixes: z.array(z.object({Prefix: z.string()})).max(pageKeys),
  IsTruncated: z.enum(['true', 'false']),
  NextContinuationToken: z.string().min(1).max(4096).optional(),
  EncodingType: z.string().optional(),
});

/** @throws JangadaError `internal`. */
export function parseListing(xml: string): KeyPage {
  const found = result.safeParse(listingIn(xml));
  if (!found.success) {
    throw odd('a listing is not as it has to be', found.error);
  }

  const {Contents, CommonPrefixes, IsTruncated, EncodingType, NextContinuationToken} = found.data;
  const keyOf = EncodingType === 'url' ? unescapedKey : (text: string) => text;
  const objects = Contents.flatMap(({Key, Size, LastModified}): Listed[] => {
    const key = keyOf(Key);
    const mtimeMs = wholeSecond(Date.parse(LastModified));
    return key === undefined ? [] : [{kind: 'object', key, size: Number(Size), mtimeMs}];
  });
  const folders = CommonPrefixes.flatMap(({Prefix}): Listed[] => {
    const key = keyOf(Prefix);
    return key === undefined ? [] : [{kind: 'folder', key}];
  });
  if (IsTruncated === 'true' && NextContinuationToken === undefined) {
    throw odd('a listing has a next page, and does not say which');
  }

  return {
    items: folders.length === 0 ? objects : [...objects, ...folders].sort(byKey),
    next: IsTruncated === 'true' ? NextContinuationToken : undefined,
  };
}

/** The time in milliseconds without the fraction of a second, which only listings have; 0 if it is none. */
export function wholeSecond(ms: number): number {
  return Number.isFinite(ms) ? Math.floor(ms / 1000) * 1000 : 0;
}

/** The code and the region in the answer that says what went wrong; empty if it is none. */
export function parseRefusal(xml: string): {code: string; region: string | undefined} {
  try {
    const {Code = '', Region} = fieldsIn(xml);
    const isName = (text: string) => /^[\w.-]{1,64}$/.test(text);
    return {
      code: isName(Code) ? Code : '',
      region: Region !== undefined && isName(Region) ? Region : undefined,
    };
  } catch {
    // Balancers answer with pages of their own.
    return {code: '', region: undefined};
  }
}

function byKey(one: Listed, other: Listed): number {
  return Buffer.compare(Buffer.from(one.key), Buffer.from(other.key));
}

type Fields = Record<string, string>;

/** The elements of a listing as records of texts. */
function listingIn(xml: string): unknown {
  const Contents: Fields[] = [];
  const CommonPrefixes: Fields[] = [];
  const listing: Fields = {};
  readElements(xml, (path, text, record) => {
    const [, element] = path;
    if (path.length === 3 && (element === 'Contents' || element === 'CommonPrefixes')) {
      record[path[2] ?? ''] = text;
    } else if (path.length === 2 && element === 'Contents') {
      Contents.push(record);
    } else if (path.length === 2 && element === 'CommonPrefixes') {
      CommonPrefixes.push(record);
    } else if (path.length === 2 && element !== undefined) {
      listing[element] = text;
    } else if (path.length === 1 && element === undefined && path[0] !== 'ListBucketResult') {
      throw odd(`it is not a listing`);
    }
  });
  return {...listing, Contents, CommonPrefixes};
}

/** The elements below the outermost one. */
function fieldsIn(xml: string): Fields {
  const fields: Fields = {};
  readElements(xml, (path, text) => {
    if (path.length === 2) {
      fields[path[1] ?? ''] = text;
    }
  });
  return fields;
}

/** Deeper elements than those of a listing are none of S3. */
const mostDeep = 16;

/**
 * Read all elements. `closed` is told the names of those that an element is in, with its own at the end, the text in
 * it, and a record that the elements in one second-level element share.
 *
 * @throws JangadaError `internal` for bytes that are not XML.
 */
function readElements(
  xml: string,
  closed: (path: readonly string[], text: string, record: Fields) => void,
): void {
  const path: string[] = [];
  let text = '';
  let record: Fields = {};
  // Services write control characters in keys as references, which XML 1.0 has not.
  const parser = new SaxesParser({defaultXMLVersion: '1.1', forceXMLVersion: true});
  parser.on('error', error => {
    throw odd('it is not XML', error);
  });
  parser.on('opentag', ({name}) => {
    path.push(name);
    text = '';
    if (path.length === 2) {
      record = Object.create(null);
    } else if (path.length > mostDeep) {
      throw odd('its XML is too deep');
    }
  });
  parser.on('text', part => {
    text += part;
  });
  parser.on('closetag', () => {
    closed(path, text, record);
    path.pop();
    text = '';
  });
  // For XML 1.1 these two are ends of lines, unless they are written as references.
  parser.write(xml.replace(/[\u0085\u2028]/g, sign => `&#${sign.charCodeAt(0)};`)).close();
}
