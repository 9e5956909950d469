/** Why a control that names a path or a program does nothing in a browser. */
export const LOCAL_ONLY = 'Only in the desktop app and the command line';

/** Why a control of the application itself does nothing in a browser. */
export const DESKTOP_ONLY = 'Only in the desktop app';
