/** Names that Windows does not take as they are: both sides run there, and neither may be surprised. */

// A device keeps its meaning with any extension, and with spaces before that.
const device = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(?:\.|$)/i;

/** A character that no name can have there. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: Windows refuses them in names
export const windowsForbidden = /[<>:"\\|?*\u0000-\u001f]/g;

/** Dots and spaces at the end of a name, which Windows drops. */
export const windowsDropped = /[. ]+$/;

/** Whether Windows takes `name` for a device. */
export function isWindowsDevice(name: string): boolean {
  return device.test(name);
}
