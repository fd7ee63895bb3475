export declare const SERVER_PROGRAM: readonly string[];
