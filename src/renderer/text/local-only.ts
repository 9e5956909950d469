/** Why a control that names a path or a program does nothing in a browser. */
export const LOCAL_ONLY = 'Available in the desktop app and the command line';

/** The same as a sentence, for a hint below a control. */
export const LOCAL_ONLY_HINT = `${LOCAL_ONLY}.`;

/** Why a control of the application itself does nothing in a browser. */
export const DESKTOP_ONLY = 'Available in the desktop app';
