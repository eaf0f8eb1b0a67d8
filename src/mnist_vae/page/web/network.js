// The run's own network, computing in the page.

import { runProgram } from "./interpreter.js";
import { tensor } from "./operations/tensor.js";
import { latentDim, network, VALUES } from "./run_data.js";

const NATS_SAMPLES = 10; // as the stage evaluate draws

function program(name, ...inputs) {
  return runProgram(network.steps[name], network.weights, ...inputs);
}

// Points `zs` (count * latentDim numbers) -> images (count * VALUES numbers).
export function decode(zs) {
  const logits = program("decoder", tensor([zs.length / latentDim, latentDim], zs));
  return program("x_mean", logits).data;
}

// An image -> q(z|x).
export function encode(pixels) {
  const { data } = program("encoder", tensor([1, VALUES], pixels));
  return { mean: data.slice(0, latentDim), logVar: data.slice(latentDim) };
}

// The negative ELBO of an image that no stage has evaluated, with the same noise each time.
export function estimateNats(pixels, { mean, logVar }) {
  const draw = normals(uniforms(12345));
  const zs = new Float32Array(NATS_SAMPLES * latentDim);
  for (let at = 0; at < zs.length; at++) {
    const dim = at % latentDim;
    zs[at] = mean[dim] + Math.exp(0.5 * logVar[dim]) * draw();
  }
  const logits = program("decoder", tensor([NATS_SAMPLES, latentDim], zs));
  const x = new Float32Array(NATS_SAMPLES * VALUES);
  for (let sample = 0; sample < NATS_SAMPLES; sample++) x.set(pixels, sample * VALUES);
  const recon = program("recon_nats", logits, tensor([NATS_SAMPLES, VALUES], x)).data;
  return recon.reduce((all, nats) => all + nats, 0) / NATS_SAMPLES + klNats(mean, logVar);
}

// Kingma & Welling 2014, appendix B.
export function klNats(mean, logVar) {
  return mean.reduce((all, m, d) => all + 0.5 * (m * m + Math.exp(logVar[d]) - 1 - logVar[d]), 0);
}

function normals(uniform) {
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

// Numbers between 0 and 1 that repeat; Park & Miller 1988.
function uniforms(seed) {
  return () => (seed = (16807 * seed) % 2147483647) / 2147483647;
}

export const gauss = normals(Math.random);
