#!/bin/sh
echo works
