import type { OutgoingHttpHeaders } from 'node:http';

/**
 * What every answer carries, errors included. `host` is the checked Host header: older Safari does not
 * count WebSockets in `connect-src 'self'`.
 */
export function securityHeaders(host?: string): OutgoingHttpHeaders {
  const socket = host === undefined ? '' : ` ws://${host}`;
  return {
    'Content-Security-Policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      `connect-src 'self'${socket}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
    'Cache-Control': 'no-store',
  };
}
