/** @jingwei/addresses */
export {};
