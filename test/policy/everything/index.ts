import program = require("../../../index");

export = program;
