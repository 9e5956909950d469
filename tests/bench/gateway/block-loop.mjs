// Loaded into the manager by the benchmark with `node --import`: SIGUSR2 keeps its own loop busy for two seconds.
process.on('SIGUSR2', () => {
  const end = performance.now() + 2000;
  while (performance.now() < end);
});
