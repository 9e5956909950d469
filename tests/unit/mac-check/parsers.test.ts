import { parseVmStat } from '@core/metrics/mac-memory';
import { loginItem, type SystemStatus } from '@shell/login-status';
import { describe, expect, it } from 'vitest';

import {
  judgeLoginItem,
  parseCodesign,
  parseFootprint,
  parseSpctl,
  parseSwVers,
  parseTop,
  proxyKinds,
} from '../../../scripts/mac-check/parsers';

// Texts as people have published them from their Macs, names of persons and companies replaced; the source of each is
// said where it stands. None was recorded for this program, which no Mac has run yet.

describe('sw_vers', () => {
  it.each([
    // macOS 14.5, from a test of its output on GitHub; macOS 10.14.5 with spaces, from a README.
    [
      'ProductName:\t\tmacOS\nProductVersion:\t\t14.5\nBuildVersion:\t\t23F79\n',
      { version: '14.5', build: '23F79' },
    ],
    [
      'ProductName:    Mac OS X\nProductVersion: 10.14.5\nBuildVersion:   18F132\n',
      { version: '10.14.5', build: '18F132' },
    ],
    ['sw_vers: command not found', undefined],
    ['', undefined],
  ])('%j', (text, found) => expect(parseSwVers(text)).toEqual(found));
});

describe('codesign -dvv', () => {
  // An Electron application of a company, as -dvv prints it (published in a security report of May 2025).
  const RELEASE = `Executable=/Applications/Example.app/Contents/MacOS/Example
Identifier=com.example.Example
Format=app bundle with Mach-O thin (arm64)
CodeDirectory v=20500 size=931 flags=0x10000(runtime) hashes=18+7 location=embedded
Signature size=8978
Authority=Developer ID Application: Example Inc. (ABCDE12345)
Authority=Developer ID Certification Authority
Authority=Apple Root CA
Timestamp=13 May 2025 at 17:45:51
Info.plist entries=24
TeamIdentifier=ABCDE12345
Runtime Version=11.3.0
Sealed Resources version=2 rules=13 files=180
Internal requirements count=1 size=184
`;
  // The same of an application that was signed by nobody (from a test on GitHub, 2026).
  const AD_HOC = `Executable=/Applications/Example.app/Contents/MacOS/Example
Identifier=com.example.Example
Format=app bundle with Mach-O thin (arm64)
CodeDirectory v=20400 size=8676 flags=0x20002(adhoc,linker-signed) hashes=264+3 location=embedded
Signature=adhoc
Info.plist entries=11
TeamIdentifier=not set
Sealed Resources version=2 rules=13 files=12
`;

  it('tells who signed, and how', () => {
    expect(parseCodesign(RELEASE)).toEqual({
      identifier: 'com.example.Example',
      by: 'Developer ID',
      isHardened: true,
      hasTimestamp: true,
    });
    expect(parseCodesign(AD_HOC)).toEqual({
      identifier: 'com.example.Example',
      by: 'ad hoc',
      isHardened: false,
      hasTimestamp: false,
    });
    const byOneself = RELEASE.replace('Developer ID Application', 'Apple Development');
    expect(parseCodesign(byOneself)?.by).toBe('Apple Development');
    expect(parseCodesign(RELEASE.replace(/^Authority=.*\n/gm, ''))?.by).toBe('other');
  });

  it('is nothing where there is no signature', () => {
    // codesign(1) of an unsigned program.
    expect(parseCodesign('/tmp/a: code object is not signed at all\n')).toBeUndefined();
  });

  it('does not take what an attacker would write elsewhere for a flag', () => {
    const text = RELEASE.replace('flags=0x10000(runtime)', 'flags=0x0(none)').replace(
      'Info.plist',
      'Other=flags=0x10000(runtime)\nInfo.plist',
    );
    expect(parseCodesign(text)?.isHardened).toBe(false);
  });
});

describe('spctl -a -vv', () => {
  it.each([
    // From the notes of several projects on notarization: the three verdicts that a .app gets.
    [
      'Example.app: accepted\nsource=Notarized Developer ID\norigin=Developer ID Application: Example Inc. (ABCDE12345)\n',
      { accepted: true, source: 'Notarized Developer ID' },
    ],
    [
      '/Applications/Example.app: rejected\nsource=Unnotarized Developer ID\n',
      { accepted: false, source: 'Unnotarized Developer ID' },
    ],
    [
      '/Applications/Example.app: rejected\nsource=no usable signature\n',
      { accepted: false, source: 'no usable signature' },
    ],
    ['/tmp/none.app: rejected\n', { accepted: false, source: 'no source' }],
    // What it prints of a broken bundle: no verdict at all.
    [
      'Example.app: code has no resources but signature indicates they must be present\n',
      undefined,
    ],
  ])('%j', (text, found) => expect(parseSpctl(text)).toEqual(found));
});

describe('top -l 1 -pid PID -stats pid,mem', () => {
  // The head is that of macOS 15 (published in lecture notes and in a bug report); the rows are from a monitor's tests.
  const HEAD = `Processes: 481 total, 4 running, 1 stuck, 476 sleeping, 4414 threads
2026/09/15 10:00:00
Load Avg: 2.17, 2.52, 2.56
CPU usage: 18.85% user, 4.45% sys, 76.68% idle
SharedLibs: 497M resident, 106M data, 100M linkedit.
MemRegions: 1080798 total, 4248M resident, 181M private, 1358M shared.
PhysMem: 15G used (2486M wired, 6667M compressor), 36M unused.
VM: 270T vsize, 4915M framework vsize, 7821622(4) swapins, 9875817(0) swapouts.
Networks: packets: 45054579/27G in, 38275443/14G out.
Disks: 103975536/1788G read, 41850058/636G written.

PID    MEM
`;
  it.each([
    ['20193  4700M', 20193, 4700 * 1024 ** 2],
    ['468    393M+', 468, 393 * 1024 ** 2],
    ['4242   10G', 4242, 10 * 1024 ** 3],
    ['77     912K-', 77, 912 * 1024],
    ['77     0B  ', 77, 0],
    ['77*    1.5G', 77, 1.5 * 1024 ** 3],
  ])('%s', (row, pid, bytes) => expect(parseTop(`${HEAD}${row}\n`, pid)).toBe(bytes));

  it('does not take another process, or the head, for it', () => {
    expect(parseTop(`${HEAD}1020193  4700M\n`, 20193)).toBeUndefined();
    expect(parseTop(HEAD, 15)).toBeUndefined();
    expect(parseTop('', 1)).toBeUndefined();
  });
});

describe('footprint -p PID', () => {
  // With -f bytes and without, from the tests of two tools that read it (macOS 26, June 2026).
  const BYTES = `======================================================================
node [56783]: 64-bit    Footprint: 1884592 B (16384 bytes per page)
======================================================================
Auxiliary data:
    phys_footprint: 1884600 B
    phys_footprint_peak: 1984592 B
`;
  const WORDS = `======================================================================
node [91533]: 64-bit    Footprint: 2240 KB (16384 bytes per page)
======================================================================

  Dirty      Clean  Reclaimable    Regions    Category
    ---        ---          ---        ---    ---
 976 KB        0 B          0 B          5    MALLOC_SMALL
    ---        ---          ---        ---    ---
2240 KB     560 KB          0 B        411    TOTAL

Auxiliary data:
    phys_footprint: 2256 KB
    phys_footprint_peak: 2320 KB
`;
  it('tells the footprint, not its peak and not the sum of the table', () => {
    expect(parseFootprint(BYTES)).toBe(1_884_600);
    expect(parseFootprint(WORDS)).toBe(2256 * 1024);
    expect(parseFootprint('    phys_footprint: 1.8 GB\n')).toBe(1.8 * 1024 ** 3);
  });

  it('tells nothing where the system does not let it look', () => {
    const refused =
      'task_read_for_pid (?/?)  (ffffffff)\nfootprint: Unable to analyze process with pid 418 (try as root?)\n';
    expect(parseFootprint(refused)).toBeUndefined();
    expect(parseFootprint('phys_footprint_peak: 3201 KB')).toBeUndefined();
  });
});

describe('vm_stat', () => {
  it('is read with the lines that newer systems have more', () => {
    // A Mac with 48 GiB (from the tests of a memory monitor); the last two lines are of macOS 26.
    const text = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                               64712.
Pages active:                            996993.
Pages inactive:                          994622.
Pages speculative:                         1744.
Pages throttled:                              0.
Pages wired down:                        353323.
Pages purgeable:                          22116.
"Translation faults":               13199997030.
Pages stored in compressor:             2068175.
Pages occupied by compressor:            678569.
Pages tagged:                            198076.
Pages tag-storage free:                    3707.
`;
    expect(parseVmStat(text)).toBe((64_712 + 994_622 + 1744) * 16_384);
  });
});

describe('scutil --proxy', () => {
  it('names the kinds that are on, and no address', () => {
    // A Mac behind a local proxy (from a report on GitHub).
    const text = `<dictionary> {
  ExceptionsList : <array> {
    0 : localhost
    1 : *.local
  }
  HTTPEnable : 1
  HTTPPort : 7890
  HTTPProxy : 127.0.0.1
  HTTPSEnable : 1
  HTTPSPort : 7890
  HTTPSProxy : 127.0.0.1
  ProxyAutoConfigEnable : 0
  ProxyAutoDiscoveryEnable : 0
  SOCKSEnable : 1
  SOCKSPort : 7890
  SOCKSProxy : 127.0.0.1
}
`;
    expect(proxyKinds(text)).toEqual(['HTTP', 'HTTPS', 'SOCKS']);
    const script = text.replaceAll('Enable : 1', 'Enable : 0').replace('Config', 'Config');
    expect(proxyKinds(script.replace('AutoConfigEnable : 0', 'AutoConfigEnable : 1'))).toEqual([
      'a script (PAC)',
    ]);
    expect(proxyKinds('<dictionary> {\n  FTPPassive : 1\n}\n')).toEqual([]);
  });
});

describe('the login item', () => {
  it.each([
    // The words of Electron (docs/api/app, getLoginItemSettings) for SMAppService.Status.
    ['enabled', 'ok', /opens at login/],
    ['not-registered', 'ok', /does not open/],
    ['not-found', 'ok', /does not open/],
    ['requires-approval', 'ok', /System Settings/],
  ] as const)('%s is fine for a packaged application', (status: SystemStatus, state, words) => {
    const finding = judgeLoginItem(loginItem({ isMac: true, isPackaged: true, status }));
    expect(finding).toMatchObject({ state, seen: expect.stringMatching(words) });
  });

  it('is not fine where a packaged application says that it has none', () => {
    const finding = judgeLoginItem(
      loginItem({ isMac: true, isPackaged: false, status: undefined }),
    );
    expect(finding).toMatchObject({ state: 'not ok', seen: expect.stringMatching(/source/) });
  });
});
