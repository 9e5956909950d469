export { MetricsSampler } from './metrics-sampler';
