/** Of a bundle, and so of its folder. */
export const MODEL_NAME = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,127}$/
